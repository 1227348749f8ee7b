// Number the cells in the page, however much of each it has drawn.
() => window.jupyterapp.shell.currentWidget.content.widgets.forEach((c, i) => c.node.dataset.cell = i)
