// Changes or restores one broker after the other: a refusal after the first change has another code than one before it, and a rollback goes on.

import { AppError, isUnreachable } from '../../core/errors.ts';

/**
 * @returns evidence of each broker
 * @throws AppError as the first broker that refuses; change-stopped for change-refused once another broker was changed
 */
export async function changeEach<Broker>(
  brokers: readonly Broker[],
  change: (broker: Broker) => Promise<string>,
): Promise<string[]> {
  const changed: string[] = [];
  for (const broker of brokers) {
    try {
      changed.push(await change(broker));
    } catch (cause) {
      const isPartial = changed.length > 0 && cause instanceof AppError && cause.code === 'change-refused';
      if (!isPartial) throw cause;
      throw new AppError('change-stopped', `${cause.message}. Changed before: ${changed.join('; ')}`, { cause });
    }
  }
  return changed;
}

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
