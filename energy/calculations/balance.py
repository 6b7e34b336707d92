"""What passes a meter, and what is lost between a head meter and those below it."""

from __future__ import annotations

from collections.abc import Collection

from energy.choices import Flow

# Behind a head meter what is fed in leaves it again, and what a plant gives need not pass it.
OF_NETWORK = {Flow.IMPORT: 1, Flow.EXPORT: -1}
OF_PLANT = {Flow.CHARGE: 1, Flow.EV_CHARGING: 1, Flow.DISCHARGE: -1, Flow.GENERATION: -1}


def signs_of(flows: Collection[str]) -> dict[str, int]:
    """With which sign each flow that a meter counts tells what passes it, towards the users.

    A meter that counts what is drawn and fed in tells it by that alone; one that counts only a plant, by what the plant
    takes and gives.

    >>> signs_of(["import", "export", "generation"]) == {"import": 1, "export": -1}
    True
    >>> signs_of(["discharge", "charge"]) == {"charge": 1, "discharge": -1}
    True
    """
    of_network = {str(flow): sign for flow, sign in OF_NETWORK.items() if flow in flows}
    return of_network or {str(flow): sign for flow, sign in OF_PLANT.items() if flow in flows}


def losses_percent(head: float, below: float) -> float | None:
    """What a head meter counted more than those below it together, of what it counted; None where that is nothing.

    Negative where those below counted more. head, below: in the same unit, of the same days.

    >>> losses_percent(1000.0, 968.0), losses_percent(1000.0, 1015.0), losses_percent(0.0, 5.0)
    (3.2, -1.5, None)
    """
    return (head - below) / head * 100 if head > 0 else None
