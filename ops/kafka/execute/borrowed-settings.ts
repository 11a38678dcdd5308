// How do settings that hold for the time of a move get back to what they were, after a crash too? What they were is on disk before they change.

import type { Configured, SettingChanges } from '../../../brokers/kafka/changes/settings.ts';
import { AppError } from '../../../core/errors.ts';
import type { Borrowed } from './reassign-state.ts';
import type { Run } from './run.ts';

/**
 * @param values by topic or broker; a broker that is gone is passed over, what needs it notices that
 * @throws AppError as a broker answers; what was changed until then is given back by `giveBack`
 */
export async function borrow(
  run: Run,
  why: Borrowed['why'],
  values: readonly (Configured & { settings: Readonly<Record<string, string>> })[],
): Promise<void> {
  const { changes, state, signal } = run;
  const fresh = values.filter(({ kind, name }) => find(state.borrowed, { kind, name, why }) === undefined);
  const added = await Promise.all(
    fresh.map(async ({ kind, name, settings }): Promise<Borrowed | undefined> => {
      const keys = Object.keys(settings);
      const known = await changes.settingsOf({ kind, name }, keys, { signal }).catch(unlessGone);
      if (known === undefined) return undefined;
      const before = keys.map((key) => {
        const setting = known.get(key);
        return [key, setting?.isOwn ? (setting.value ?? null) : null] as const;
      });
      return { kind, name, why, before: Object.fromEntries(before) };
    }),
  );
  const there = added.filter((each) => each !== undefined);
  if (there.length > 0) {
    state.borrowed.push(...there);
    await run.save();
  }
  for (const { kind, name, settings } of values) {
    if (find(state.borrowed, { kind, name, why }) === undefined) continue;
    await changes.alterSettings({ kind, name }, settings, { signal }).catch(unlessGone);
  }
}

function unlessGone(cause: unknown): undefined {
  if (!(cause instanceof AppError) || cause.code !== 'not-found') throw cause;
}

/**
 * @returns what could not be given back, in words: a broker that is down keeps its setting until it is asked again
 * @param signal of its own: what was borrowed is given back when the run is stopped, too
 */
export async function giveBack(run: Run, why: Borrowed['why'], signal: AbortSignal): Promise<string[]> {
  const { changes, state } = run;
  const failed: string[] = [];
  for (const each of state.borrowed.filter((borrowed) => borrowed.why === why)) {
    const before: SettingChanges = Object.fromEntries(
      Object.entries(each.before).map(([key, value]) => [key, value ?? undefined]),
    );
    try {
      await changes.alterSettings({ kind: each.kind, name: each.name }, before, { signal });
      state.borrowed = state.borrowed.filter((other) => other !== each);
    } catch (cause) {
      signal.throwIfAborted();
      if (!(cause instanceof AppError)) throw cause;
      // A topic that was deleted meanwhile has no settings to give back.
      if (/UNKNOWN_TOPIC_OR_PARTITION/.test(cause.message))
        state.borrowed = state.borrowed.filter((other) => other !== each);
      else failed.push(`${Object.keys(each.before).join(', ')} of ${each.kind} ${each.name}: ${cause.message}`);
    }
  }
  await run.save();
  return failed;
}

function find(borrowed: readonly Borrowed[], { kind, name, why }: Pick<Borrowed, 'kind' | 'name' | 'why'>) {
  return borrowed.find((each) => each.kind === kind && each.name === name && each.why === why);
}
