// Restores what a step set on several brokers, and names the unreachable ones.

import { AppError } from '../../core/errors.ts';

/** @returns what was restored. @throws AppError broker-unreachable, once every other broker was asked */
export async function restoreEach<Broker>(
  brokers: readonly Broker[],
  restore: (broker: Broker) => Promise<string>,
): Promise<string[]> {
  const restored: string[] = [];
  const silent: string[] = [];
  for (const broker of brokers) {
    try {
      restored.push(await restore(broker));
    } catch (cause) {
      if (!(cause instanceof AppError) || cause.code !== 'broker-unreachable') throw cause;
      silent.push(cause.message);
    }
  }
  if (silent.length === 0) return restored;
  throw new AppError(
    'broker-unreachable',
    `not everything is as before: ${silent.join('; ')}. Restored: ${restored.length === 0 ? 'nothing' : restored.join('; ')}`,
    { hint: 'once they answer, --abort again restores the rest' },
  );
}
