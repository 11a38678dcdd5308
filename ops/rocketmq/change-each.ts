// Changes or restores one broker after another: a refusal after the first change has a different code, and a rollback continues.

import { AppError, isUnreachable } from '../../core/errors.ts';
import { joinedTexts, named, type Text, textIn } from '../../core/text/bilingual.ts';
import { meantHint } from '../../core/text/nearest.ts';

export const atServer = (name: string, en: string, zh: string) => ({ en: `${name}: ${en}`, zh: `${name}：${zh}` });

/**
 * @returns evidence of each broker
 * @throws AppError of the first broker that refuses; change-stopped instead of change-refused if another broker was
 *   already changed
 */
export async function changeEach<Broker>(
  brokers: readonly Broker[],
  change: (broker: Broker) => Promise<Text>,
): Promise<Text[]> {
  const changed: Text[] = [];
  for (const broker of brokers) {
    try {
      changed.push(await change(broker));
    } catch (cause) {
      const isPartial = changed.length > 0 && cause instanceof AppError && cause.code === 'change-refused';
      if (!isPartial) throw cause;
      throw new AppError('change-stopped', `${cause.message}. Changed before: ${joinedTexts(changed).en}`, { cause });
    }
  }
  return changed;
}

/** Brokers that will not return: a rollback ends without them. */
export interface Gone<Broker> {
  /** Names of `--gone`: a broker with all its members, or one member. Absent if the command has no such option. */
  gone: readonly string[] | undefined;
  nameOf(broker: Broker): string | undefined;
  /** Name servers drop a lost broker, so a listed one is slow, or refuses. @returns undefined while no name server responds */
  isListed(broker: Broker): boolean | undefined | Promise<boolean | undefined>;
  /** Text about the state before the change. */
  before(broker: Broker): Text;
}

/** @returns what was restored. @throws AppError not-found for a name of `--gone` that matches none; of the first failed restore, after all other
 *   brokers were tried */
export async function restoreEach<Broker>(
  brokers: readonly Broker[],
  restore: (broker: Broker) => Promise<Text>,
  without?: Gone<Broker>,
): Promise<Text[]> {
  refuseUnknown(brokers, without);
  const restored: Text[] = [];
  const faults: AppError[] = [];
  const away: string[] = [];
  for (const broker of brokers) {
    try {
      restored.push(await restore(broker));
    } catch (cause) {
      if (!(cause instanceof AppError)) throw cause;
      const name = without?.nameOf(broker);
      const isListed = name === undefined ? undefined : await without?.isListed(broker);
      // Another broker, with other accounts, may now have the address.
      const isAway = isUnreachable(cause)
        ? isListed !== true
        : isListed === false && cause.code === 'credentials-refused';
      if (without === undefined || name === undefined || !isAway || !isNamed(name, without.gone)) {
        const isSpared = name !== undefined && isListed === true && isNamed(name, without?.gone);
        const why = `${cause.message}; ${name} is listed by a name server, so --gone does not give it up`;
        faults.push(isSpared ? new AppError(cause.code, why, { cause, hint: cause.hint }) : cause);
        if (name !== undefined && isAway && without?.gone !== undefined) away.push(name);
        continue;
      }
      const before = without.before(broker);
      restored.push({
        en: `${name} is not restored (--gone): ${cause.message}. What it has now is unknown; before this change it had ${textIn(before, 'en')}. If it returns, restore that by hand`,
        zh: `${name} 未恢复（--gone）：${cause.message}。其现状未知；变更前为 ${textIn(before, 'zh')}。如它重新上线，请手工恢复`,
      });
    }
  }
  const first = faults.find((each) => !isUnreachable(each)) ?? faults[0];
  if (first === undefined) return restored;
  const left = faults.map(({ message }) => message).join('; ');
  const ending =
    away.length === 0 ? '' : `; without a broker that never returns, it ends with --gone: ${away.join(', ')}`;
  throw new AppError(
    first.code,
    `rollback incomplete: ${left}. Restored: ${restored.length === 0 ? 'nothing' : joinedTexts(restored).en}`,
    {
      cause: first,
      hint: `${isUnreachable(first) ? 'once they answer, --abort again restores the rest' : first.hint}${ending}`,
    },
  );
}

function refuseUnknown<Broker>(brokers: readonly Broker[], without?: Gone<Broker>): void {
  const names = [...new Set(brokers.flatMap((broker) => without?.nameOf(broker) ?? []))];
  const unknown = without?.gone?.find((each) => !names.some((name) => isNamed(name, [each])));
  if (unknown === undefined || names.length === 0) return;
  throw new AppError('not-found', `--gone ${unknown}: this change restores no such broker, only ${named(names, 20)}`, {
    hint: meantHint(unknown, names, 'name one of them, or leave --gone out'),
  });
}

/** A broker name also matches its master. */
export const isNamed = (name: string, gone: readonly string[] = []): boolean =>
  gone.some((each) => name === each || name.startsWith(`${each}:`) || each === `${name}:0`);
