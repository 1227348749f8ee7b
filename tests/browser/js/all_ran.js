// True once every code cell has run, and the kernel waits for work.
() => {
    const book = window.jupyterapp.shell.currentWidget;
    const kernel = book.sessionContext.session && book.sessionContext.session.kernel;
    return kernel && kernel.status === "idle" && book.content.widgets.every(cell =>
        cell.model.type !== "code" || !cell.model.sharedModel.source.trim()
        || (cell.model.executionCount !== null && cell.model.executionState !== "running"));
}
