// Changes or restores one broker after another: a refusal after the first change has a different code, and a rollback continues.

import { AppError, isUnreachable } from '../../core/errors.ts';

/**
 * @returns evidence of each broker
 * @throws AppError of the first broker that refuses; change-stopped instead of change-refused if another broker was
 *   already changed
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

/** Brokers that will not return: a rollback ends without them. */
interface Gone<Broker> {
  /** Names of `--gone`: a broker with all its members, or one member. */
  gone: readonly string[] | undefined;
  nameOf(broker: Broker): string | undefined;
  /** Text about the state before the change. */
  before(broker: Broker): string;
}

/** @returns what was restored. @throws AppError of the first failed restore, after all other brokers were tried */
export async function restoreEach<Broker>(
  brokers: readonly Broker[],
  restore: (broker: Broker) => Promise<string>,
  without?: Gone<Broker>,
): Promise<string[]> {
  const restored: string[] = [];
  const faults: AppError[] = [];
  const away: string[] = [];
  for (const broker of brokers) {
    try {
      restored.push(await restore(broker));
    } catch (cause) {
      if (!(cause instanceof AppError)) throw cause;
      // Another broker, with other accounts, may now have the address.
      const isAway = isUnreachable(cause) || cause.code === 'credentials-refused';
      const name = isAway ? without?.nameOf(broker) : undefined;
      if (without === undefined || name === undefined || !isNamed(name, without.gone)) {
        faults.push(cause);
        if (name !== undefined) away.push(name);
        continue;
      }
      restored.push(
        `${name} is not restored (--gone): ${cause.message}. What it has now is unknown; before this change it had ${without.before(broker)}. If it returns, restore that by hand`,
      );
    }
  }
  const first = faults.find((each) => !isUnreachable(each)) ?? faults[0];
  if (first === undefined) return restored;
  const left = faults.map(({ message }) => message).join('; ');
  const ending =
    away.length === 0 ? '' : `; without a broker that never returns, it ends with --gone: ${away.join(', ')}`;
  throw new AppError(
    first.code,
    `rollback incomplete: ${left}. Restored: ${restored.length === 0 ? 'nothing' : restored.join('; ')}`,
    {
      cause: first,
      hint: `${isUnreachable(first) ? 'once they answer, --abort again restores the rest' : first.hint}${ending}`,
    },
  );
}

/** A broker name also matches its master. */
const isNamed = (name: string, gone: readonly string[] = []): boolean =>
  gone.some((each) => name === each || name.startsWith(`${each}:`) || each === `${name}:0`);
