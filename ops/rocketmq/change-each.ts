// Changes one broker after the other; a refusal after the first change has another code than one before it.

import { AppError } from '../../core/errors.ts';

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
