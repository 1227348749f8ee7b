"""rl_jax: the helper package of a notebook series that builds Deep Q-Learning with JAX.

Read the modules in this order; each imports only from the lines above its own.

    typing        words for types: JaxTensor, Params, Key
    validate      checks at the door, in one form of message
    nn.losses     mse, huber
    nn.optim      simple_optimizer: SGD on one leaf; averaged: an average of the parameters
    replay        Transition, ReplayMemory, ArrayMemory for use inside jit
    policy        greedy, epsilon_greedy, linear_epsilon
    envs          make, sizes: Gymnasium and classic Gym behind one interface
    cartpole      reset, step, auto_reset: CartPole-v1 as pure functions
    config        Config: hyperparameters, and which values make sense; CARTPOLE, PLAIN, BLOG_POST
    checkpoint    arrays and a header to a file and back, as a whole or not at all
    dqn           make_network, td_target, td_loss, make_train_step, judged_params, Parts
    evaluation    evaluate, greedy_policy
    loop          train: the blog post's Python loop
    ondevice      make_train, spread: the same training as one lax.scan, for populations

`rl_jax.course` is what only the notebooks need: figures, films, panels, exercises. Nothing above
imports it, nor Matplotlib or ipywidgets: the algorithm can be used without the furniture.

Docstrings of public names end with "Taught in", the notebooks that explain the thing, or with
"Boilerplate for", those that use it without a lesson.
"""

__version__ = "0.1.0"
