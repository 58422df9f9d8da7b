"""Looking at a page as its readers do: on a phone, by keyboard, with a screen reader."""

import asyncio
import re
from collections.abc import Callable
from typing import Any

PHONE, DESK = {"width": 390, "height": 844}, {"width": 1280, "height": 900}

#: Rules that a wider screen may break alone: the others are judged once, on the telephone, where
#: everything of a page but the lines of the header is shown too.
OF_WIDTH = [
    "aria-hidden-focus",
    "button-name",
    "color-contrast",
    "duplicate-id-aria",
    "heading-order",
    "landmark-unique",
    "link-in-text-block",
    "link-name",
    "page-has-heading-one",
    "region",
    "scrollable-region-focusable",
]
#: Keys: the rows of a long list are all alike.
_ENOUGH = 45
#: Everything the keyboard must reach: one button of a group of radios is enough.
_REACHABLE = """() => {
  if (document.activeElement) document.activeElement.blur();
  const groups = new Set();
  const shown = e => e.checkVisibility({visibilityProperty: true, contentVisibilityAuto: true})
    && !e.closest('[inert], details:not([open]) > :not(summary)');
  const all = [...document.querySelectorAll(
    'a[href], button, input:not([type=hidden]), select, textarea, summary')];
  window.expected = all.filter(e => {
    if (e.disabled || e.tabIndex < 0 || !shown(e)) return false;
    if (e.type !== 'radio') return true;
    if (groups.has(e.name)) return false;
    return groups.add(e.name);
  });
  window.reached = new Set();
  window.unseen = [];
  // The focus is seen: an outline on the element, or on what DSFR draws for it.
  document.addEventListener('focusin', event => {
  const e = event.target;
  window.reached.add(e.type === 'radio' ? e.name : e);
  const drawn = [[e, null], [e, '::before'], [e, '::after'],
    [e.nextElementSibling, '::before'], [e.nextElementSibling, null],
    [e.closest('.fr-upload-group, .fr-search-bar, .fr-toggle'), null]];
  const seen = drawn.some(([what, part]) => {
    if (!what) return false;
    const style = getComputedStyle(what, part);
    return (style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) > 0)
      || style.boxShadow.includes('rgb');
  });
  const box = e.getBoundingClientRect();
  const placed = e.matches('input[type=radio], input[type=checkbox]') || box.width > 0;
  if (!(seen && placed)) window.unseen.push(e.outerHTML.slice(0, 110));
  });
  return window.expected.length;
}"""
_UNSEEN_AND_MISSED = """() => [window.unseen, window.expected.filter(
  e => !window.reached.has(e.type === 'radio' ? e.name : e)).map(e => e.outerHTML.slice(0, 110))]"""
_TOO_WIDE = """() => {
  const width = document.documentElement.clientWidth;
  if (document.documentElement.scrollWidth <= width) return [];
  return [...document.querySelectorAll('main *, header *, footer *')]
    .filter(e => e.getBoundingClientRect().right > width + 1).slice(0, 5)
    .map(e => e.outerHTML.slice(0, 110));
}"""


class Watched:
    """A page whose console, policy and requests are watched from its first byte."""

    def __init__(self, page: Any, home: str) -> None:
        self.wrong: list[str] = []
        self.page = page
        self._watching = {
            "console": self._heard,
            "pageerror": lambda error: self.wrong.append(f"script : {error}"),
            "request": lambda request: self._asked(request.url, home),
        }
        for event, listen in self._watching.items():
            page.on(event, listen)

    def leave(self) -> None:
        """The tab is as wide as a desk again, and nobody listens to it."""
        for event, listen in self._watching.items():
            self.page.remove_listener(event, listen)
        self._resize(DESK)

    def _resize(self, size: dict[str, int]) -> None:
        if self.page.viewport_size != size:
            self.page.set_viewport_size(size)

    def _heard(self, message: Any) -> None:
        refused = "Content Security Policy" in message.text
        # The page of an error has its status in the console: that is not one of ours.
        if refused or (message.type == "error" and "Failed to load resource" not in message.text):
            self.wrong.append(f"console : {message.text}")

    def _asked(self, url: str, home: str) -> None:
        if not url.startswith((home, "data:", "blob:")):
            self.wrong.append(f"requête extérieure : {url}")

    def all_wrong(self, axe: Callable[..., list[str]], *, keyboard: bool = True) -> list[str]:
        """Everything that is wrong with the page shown, left as wide as a desk."""
        found: list[str] = []
        for size in (PHONE, DESK):
            self._resize(size)
            rules = {} if size is PHONE else {"runOnly": {"type": "rule", "values": OF_WIDTH}}
            found += [f"{size['width']} px, axe : {line}" for line in axe(self.page, **rules)]
            too_wide = self.page.evaluate(_TOO_WIDE)
            found += [f"{size['width']} px, trop large : {element}" for element in too_wide]
        if keyboard:
            found += self.wrong_by_keyboard()
        return self.wrong + found

    def wrong_by_keyboard(self) -> list[str]:
        """What Tab never reaches, and where it goes unseen."""
        count = self.page.evaluate(_REACHABLE)
        # A date takes four keys: day, month, year, calendar.
        keys = count + 5 + 3 * self.page.locator("input[type=date]").count()
        hold(self.page.keyboard, "Tab", min(keys, _ENOUGH))
        unseen, missed = self.page.evaluate(_UNSEEN_AND_MISSED)
        return [
            *(f"clavier, rien ne montre où l’on est : {element}" for element in unseen),
            *(f"clavier, jamais atteint : {element}" for element in missed if keys <= _ENOUGH),
        ]


def hold(keyboard: Any, key: str, times: int) -> None:
    """Hold a key down, as a finger that goes through a page does: it does not wait, from one press
    to the next, for the page to be drawn again."""

    async def presses() -> None:
        await asyncio.gather(*(keyboard._impl_obj.down(key) for _ in range(times)))

    keyboard._sync(presses())
    keyboard.up(key)


def tab_to(page: Any, pattern: str, at_most: int = 80) -> None:
    """Press Tab until the focus is on an element whose text or name matches."""
    said = ""
    for _ in range(at_most):
        page.keyboard.press("Tab")
        said = page.evaluate(
            "() => { const e = document.activeElement; return e ? "
            "`${e.innerText || ''} ${e.name || ''} ${e.labels?.[0]?.innerText || ''}` : '' }"
        )
        if re.search(pattern, said):
            return
    raise AssertionError(f"« {pattern} » n’est pas atteint par la touche Tab (dernier : {said})")
