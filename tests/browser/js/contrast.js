// Text whose contrast with what lies behind it falls short of WCAG's AA.
node => {
    const rgba = text => (text.match(/[\d.]+/g) || [0, 0, 0, 0]).map(Number);
    const light = ([r, g, b]) => [r, g, b].map(v => v / 255)
        .map(v => v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4)
        .reduce((sum, v, i) => sum + v * [0.2126, 0.7152, 0.0722][i], 0);
    const over = (top, under) => top.slice(0, 3).map((v, i) =>
        v * (top[3] ?? 1) + under[i] * (1 - (top[3] ?? 1)));
    const behind = e => {
        const layers = [];
        for (; e; e = e.parentElement) layers.push(rgba(getComputedStyle(e).backgroundColor));
        return layers.reverse().reduce((under, layer) => over(layer, under), [255, 255, 255]);
    };
    const found = [];
    for (const e of node.querySelectorAll("*")) {
        const own = [...e.childNodes].some(n => n.nodeType === 3 && n.textContent.trim());
        if (!own || !e.getClientRects().length || e.disabled) continue;
        if (["STYLE", "SCRIPT"].includes(e.tagName)) continue;
        const style = getComputedStyle(e), back = behind(e);
        const ink = e instanceof SVGElement ? style.fill : style.color;
        const [a, b] = [light(over(rgba(ink), back)), light(back)];
        const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
        if (ratio < 4.5) found.push(`${e.textContent.trim().slice(0, 30)}: ${ratio.toFixed(2)}`);
    }
    return found;
}
