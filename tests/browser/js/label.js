// A control's name, as a screen reader would find it.
e => e.getAttribute("aria-label")
    || e.closest(".jupyter-widgets, label")?.querySelector("label")?.textContent
    || e.closest("label")?.innerText || e.title || ""
