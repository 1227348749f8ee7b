// True once the notebook's kernel waits for work.
() => {
    const book = window.jupyterapp && window.jupyterapp.shell.currentWidget;
    const session = book && book.sessionContext && book.sessionContext.session;
    return session && session.kernel && session.kernel.status === "idle";
}
