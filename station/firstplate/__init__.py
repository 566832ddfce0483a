"""The first fifteen minutes with a plate: a person is led through a checklist, and one file tells of it.

checklist.py   which steps there are: the command and hardware/BUILD.md follow it
log.py         all that the sampler sends meanwhile
judge.py       pure: what the records of a step say
tape.py        the log with its marks, as a session file
guide.py       leads through the steps, which are in steps.py and, with a foot on the plate, lifting.py
findings.py    what came of each step, as JSON and for people
parcel.py      the one file: a zip
run.py         puts it all together, and keeps the file
own.py         a sampler of our own, where no station runs
"""
