"""The converters: real chips, simulated chips, and the process that reads them."""
