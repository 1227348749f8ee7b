"""The furniture of the notebooks: figures, films, panels, exercise checks. No algorithm is here.

figures         one style and palette, alt text on every picture
diagrams        boxes and arrows, drawn by code
film            an episode as pictures, and a player for it
source          the real source of a function, highlighted
panels          sliders above a picture that follows them
training_panel  Train, Stop, Reset: a real agent, trained while one watches
checks          the engine that names a misconception
exercises       one module of checks for each notebook
"""
