// Restores what a step set on several brokers, and names those where it could not.

import { AppError, isUnreachable } from '../../core/errors.ts';

/** @returns what was restored. @throws AppError of the first that could not be restored, once every other broker was asked */
export async function restoreEach<Broker>(
  brokers: readonly Broker[],
  restore: (broker: Broker) => Promise<string>,
): Promise<string[]> {
  const restored: string[] = [];
  const faults: AppError[] = [];
  for (const broker of brokers) {
    try {
      restored.push(await restore(broker));
    } catch (cause) {
      if (!(cause instanceof AppError)) throw cause;
      faults.push(cause);
    }
  }
  const first = faults.find((each) => !isUnreachable(each)) ?? faults[0];
  if (first === undefined) return restored;
  const left = faults.map(({ message }) => message).join('; ');
  throw new AppError(
    first.code,
    `rollback incomplete: ${left}. Restored: ${restored.length === 0 ? 'nothing' : restored.join('; ')}`,
    { cause: first, hint: isUnreachable(first) ? 'once they answer, --abort again restores the rest' : first.hint },
  );
}
