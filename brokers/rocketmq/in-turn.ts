// Runs tasks of the same name one after the other, and tasks of different names concurrently.

/** Starts a task when all earlier tasks of the same name have settled, successfully or not. */
export function createInTurn(): <Outcome>(name: string, work: () => Promise<Outcome>) => Promise<Outcome> {
  const last = new Map<string, Promise<unknown>>();
  return (name, work) => {
    const before = last.get(name);
    const outcome = before === undefined ? work() : before.then(work, work);
    last.set(name, outcome);
    const forget = () => {
      if (last.get(name) === outcome) last.delete(name);
    };
    outcome.then(forget, forget);
    return outcome;
  };
}
