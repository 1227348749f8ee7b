// Controls and pictures that stick out of their output.
node => {
    const edge = node.getBoundingClientRect().right + 1;
    const parts = [...node.querySelectorAll("button, input, select, .widget-slider, img, svg")];
    return parts.filter(e => e.getClientRects().length && e.getBoundingClientRect().right > edge)
        .map(e => `${e.tagName} ${e.innerText || e.alt || ""}`.trim());
}
