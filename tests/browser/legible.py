"""What makes text hard to read at a width: cut or wider than its box, too small, broken in a word, over other text."""

from playwright.sync_api import Page

_FAULTS = r"""
([scope, times]) => {
  const OVER = ".pinned, .more-below, .drawer-sheet";
  const FRAMES = "#canvas, .panel, .drawer-sheet, .exercise-seen > .canvas, .editor-lines";
  const root = document.querySelector(scope), faults = new Set(), placed = [];
  const words = text => text.trim().replace(/\s+/g, " ").slice(0, 70);
  const say = (fault, text, it) => {
    faults.add(`${fault}: “${words(text)}” in ${it.tagName.toLowerCase()}.${it.getAttribute("class") ?? ""}`);
  };
  const forScreenReaders = it => {
    for (let box = it; box; box = box.parentElement) {
      const { clipPath, position, width } = getComputedStyle(box);
      if (clipPath === "inset(50%)" || position === "absolute" && parseFloat(width) <= 1) return true;
    }
    return it.closest(".skip");
  };
  const noText = it => it.closest("option, datalist, title, desc, defs") || forScreenReaders(it);
  const reachable = box => box.tabIndex >= 0 || box.querySelector("a, button, input");

  // Whether text from left to right stays in all that is around it, up to what scrolls.
  const fits = (text, it, left, right) => {
    // Of a name the head and the domain may be cut where the title has the whole; the end may not.
    const giving = it.matches(".ends[title] > :is(.head, .domain)");
    for (let box = it; box; box = box.parentElement) {
      const { display, overflowX, position } = getComputedStyle(box), rect = box.getBoundingClientRect();
      if (/inline$|contents|none/.test(display) || box.ownerSVGElement || box === document.documentElement) continue;
      if (right <= rect.right + 1 && left >= rect.left - 1) {
        if (/absolute|fixed/.test(position)) break;  // it hangs over what is around it
        continue;
      }
      if (/auto|scroll/.test(overflowX)) { if (!reachable(box)) say("scrolls for the mouse only", text, box); }
      else if (!/hidden|clip/.test(overflowX)) say("wider than its box", text, box);
      else if (!giving || box !== it) say("cut", text, box);
      return false;
    }
    if (right > innerWidth + 1 || left < -1) say("outside of the window", text, it);
    return true;
  };

  // The part of text that what scrolls up and down around it shows.
  const seen = (it, { left, right, top, bottom }) => {
    const around = it.closest(FRAMES);
    const frame = around?.getBoundingClientRect() ?? { top, bottom };
    const [from, to] = [Math.max(top, frame.top), Math.min(bottom, frame.bottom)];
    return to > from ? [{ left, right, top: from, bottom: to, height: to - from }] : [];
  };

  const checkText = (node, it) => {
    const range = document.createRange(), { data } = node;
    range.selectNodeContents(node);
    const rects = [...range.getClientRects()].filter(rect => rect.width > 1 && rect.height > 1);
    if (!rects.length) return;
    const svg = it.ownerSVGElement;
    const size = parseFloat(getComputedStyle(it).fontSize) * (svg ? it.getScreenCTM().a : 1);
    if (size < (svg ? 11 : 12 * times) - .05) say(`${size.toFixed(1)} px`, data, it);
    if (!svg && rects.length > 1)
      for (const word of data.matchAll(/[\p{L}\p{N}]+/gu)) {
        if (/[\u2e80-\uffdc]/.test(word[0])) continue;
        range.setStart(node, word.index);
        range.setEnd(node, word.index + word[0].length);
        const parts = [...range.getClientRects()].filter(rect => rect.width > 1);
        const tops = new Set(parts.map(rect => Math.round(rect.top)));
        // What is wider than most of the window, as words twice as large on a phone are, can't stay whole.
        const wide = parts.reduce((sum, rect) => sum + rect.width, 0);
        if (tops.size > 1 && wide < innerWidth * .6) say("broken in a word", word[0], it);
      }
    // What wrapped below the edge of a part of the share bar isn't shown; the list under the bar has it.
    if (it.closest(".cut")?.getBoundingClientRect().bottom <= rects[0].top + 1) return;
    const inside = fits(data, it, Math.min(...rects.map(at => at.left)), Math.max(...rects.map(at => at.right)));
    let lifted = false;  // a bar at the rim of the window, an open menu, what lies over the canvas
    for (let box = it; box && box !== root; box = box.parentElement)
      lifted ||= /fixed|sticky/.test(getComputedStyle(box).position) || box.matches(OVER);
    if (inside && !lifted) placed.push(...rects.flatMap(rect => seen(it, rect)).map(rect => [rect, data, it]));
  };

  const walker = document.createTreeWalker(root, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const node = walker.currentNode, it = node.parentElement;
    const shown = it.checkVisibility({ visibilityProperty: true, opacityProperty: true });
    if (node.data.trim() && shown && !noText(it)) checkText(node, it);
  }

  placed.sort(([one], [other]) => one.top - other.top);
  placed.forEach(([rect, text, it], at) => {
    for (const [other, said, its] of placed.slice(at + 1)) {
      if (other.top >= rect.bottom) break;
      const across = Math.min(rect.right, other.right) - Math.max(rect.left, other.left);
      const down = Math.min(rect.bottom, other.bottom) - Math.max(rect.top, other.top);
      // Lines stand closer than the boxes of their letters.
      const over = across > 2 && down > Math.min(rect.height, other.height) / 2;
      if (over && it !== its) say("overlaps", `${words(text)} / ${words(said)}`, it);
    }
  });

  // In a picture what begins in a box ends in it.
  for (const svg of root.querySelectorAll("#canvas svg")) {
    const drawn = [...svg.querySelectorAll("rect")].filter(rect => !rect.closest("defs, pattern, clipPath"));
    const boxes = drawn.map(rect => rect.getBoundingClientRect()).filter(box => box.width > 24);
    for (const text of svg.querySelectorAll("text")) {
      const its = text.getBoundingClientRect(), y = (its.top + its.bottom) / 2, x = its.left + 1;
      const around = boxes.filter(box => box.left <= x && x <= box.right && box.top <= y && y <= box.bottom);
      const least = around.sort((one, other) => one.width - other.width)[0];
      if (least && its.right > least.right + 1) say("wider than its box", text.textContent, text);
    }
  }
  const { scrollWidth } = document.documentElement;
  if (scrollWidth > innerWidth) say("scrolls sideways", `${scrollWidth} px`, root);
  return [...faults];
}
"""

_MENUS = """
index => {
  const menus = document.querySelectorAll("details.menu");
  menus.forEach((menu, at) => { menu.open = at === index; menu.classList.toggle("looked-at", at === index); });
  const menu = menus[index];
  return menu !== undefined && (!menu.checkVisibility() ? "hidden" : "open");
}
"""


def faults(page: Page, times: float = 1) -> list[str]:
    """Return what is wrong with the text of a page and of each of its menus, each in a sentence.

    What unfolds in its place is looked at unfolded. All text but that of pictures should be so many `times` its size.
    """
    page.evaluate("document.querySelectorAll('details:not(.menu)').forEach(it => { it.open = true })")
    # The picture is laid out when the window says that it has another size.
    page.evaluate("new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))")
    found: list[str] = page.evaluate(_FAULTS, ["body", times])
    # It lies over the picture, so it is looked at alone.
    if page.locator(".drawer-sheet:not([hidden])").count():
        found += page.evaluate(_FAULTS, [".drawer-sheet:not([hidden])", times])
    menu = 0
    while shown := page.evaluate(_MENUS, menu):
        if shown == "open":
            found += page.evaluate(_FAULTS, [".looked-at > div", times])
        menu += 1
    return found
