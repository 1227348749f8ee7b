// What the controls say themselves: values, buttons, bars.
node => [...node.querySelectorAll('[role=slider], input, select, textarea')]
    .map(e => e.getAttribute("aria-valuenow") ?? e.value)
    .concat([...node.querySelectorAll("button")].map(b =>
        [b.disabled, b.innerText, b.className, b.getAttribute("aria-pressed")].join()))
    .concat([...node.querySelectorAll(".progress-bar")].map(b => b.style.width))
