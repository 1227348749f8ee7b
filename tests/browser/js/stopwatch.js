// From a key's press to the first new picture, on the page's own clock; and was there a busy sign?
node => {
    const look = () => [...node.querySelectorAll("img")].map(i => i.src)
        .concat([...node.querySelectorAll("svg.rl-picture")].map(s => s.outerHTML)).join();
    const before = look(), watch = {busy: false};
    node.addEventListener("keydown", () => watch.start ??= performance.now(),
        {capture: true, once: true});
    const observer = new MutationObserver(() => {
        watch.busy ||= [...node.querySelectorAll(".rl-busy")].some(e => e.innerText.trim());
        if (watch.start && look() !== before) {
            watch.took = performance.now() - watch.start;
            observer.disconnect();
        }
    });
    observer.observe(node, {subtree: true, childList: true, attributes: true,
        characterData: true});
    window.rlWatch = watch;
}
