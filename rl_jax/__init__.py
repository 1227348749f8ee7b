"""rl_jax: the helper package of a notebook series that builds Deep Q-Learning with JAX.

Read the modules in this order; each imports only from the lines above its own.

    typing              words for types: JaxTensor, Params, Key
    nn.losses           mse, huber
    nn.optim            simple_optimizer: SGD on one leaf
    replay              Transition, ReplayMemory, ArrayMemory for use inside jit
    policy              greedy, epsilon_greedy, linear_epsilon
    envs                make, sizes: Gymnasium and classic Gym behind one interface
    cartpole            reset, step, auto_reset: CartPole-v1 as pure functions
    dqn                 Config, make_network, td_target, td_loss, TrainState, make_train_step
    loop                train, evaluate: the blog post's Python loop
    ondevice            make_train, spread: the same loop as one lax.scan, for populations
    plotting, widgets, checks   figures and films, slider panels, exercises that answer
"""

__version__ = "0.1.0"
