"""Adversarial error: images changed on purpose, within a bound, until the model errs."""

from robench.attacks.adversarial_error import AdversarialError, Attack, adversarial_error
from robench.attacks.attacked import Attacked
from robench.attacks.auto import autoattack
from robench.attacks.pgd import pgd, usual_step_size

__all__ = [
    "AdversarialError",
    "Attack",
    "Attacked",
    "adversarial_error",
    "autoattack",
    "pgd",
    "usual_step_size",
]
