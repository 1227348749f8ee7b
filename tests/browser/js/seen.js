// What a reader sees, without what moves even if nobody listens: a slider's handle and readout.
node => ({
    pictures: [...node.querySelectorAll("img")].map(i => i.src)
        .concat([...node.querySelectorAll("svg.rl-picture")].map(s => s.outerHTML)).join("\n"),
    text: [...node.querySelectorAll(".widget-html-content, output")]
        .filter(e => !e.closest(".rl-busy")).map(e => e.innerText).join("\n"),
    busy: [...node.querySelectorAll(".rl-busy")].some(e => e.innerText.trim()),
    failed: [...node.querySelectorAll(".rl-error")].map(e => e.innerText).join(" "),
    height: node.getBoundingClientRect().height,
})
