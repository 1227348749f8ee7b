// Errors of cells that are not meant to fail.
() => window.jupyterapp.shell.currentWidget.content.widgets.flatMap((cell, i) => {
    if (cell.model.type !== "code") return [];
    const meant = (cell.model.getMetadata("tags") || []).includes("raises-exception");
    return cell.model.outputs.toJSON().filter(output => output.output_type === "error" && !meant)
        .map(output => `cell ${i}: ${output.ename}: ${output.evalue}`);
})
