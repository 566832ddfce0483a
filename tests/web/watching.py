"""What a page has heard and drawn: a test waits for that, never for a while."""

from __future__ import annotations

from playwright.sync_api import Page
from scripted_station import ScriptedStation

# For `add_init_script`: notes the serial of the newest snapshot that the page was told.
LISTENING = """window.EventSource = class extends EventSource {
  constructor(...given) {
    super(...given);
    this.addEventListener("message", ({ data }) => (window.heard = JSON.parse(data).serial));
  }
};"""


def caught_up(page: Page, station: ScriptedStation) -> None:
    """Wait until the page has heard and drawn what the station published last."""
    page.wait_for_function("serial => window.heard >= serial", arg=station.snapshot().serial)
    redrawn(page)


def redrawn(page: Page) -> None:
    """Wait until the page has drawn a whole new picture."""
    page.evaluate("new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))")
