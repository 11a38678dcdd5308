import { expect, test } from 'vitest';
import { openKafkaAdministration } from '../../../../../brokers/kafka/changes/kafka-administration.ts';
import { KafkaClusterConfig } from '../../../../../brokers/kafka/config.ts';
import { systemClock } from '../../../../../core/clock.ts';
import { alterScramUser, planScram } from '../../../../../ops/kafka/access/alter-scram-user.ts';

const io = { signal: new AbortController().signal };
const of = { user: 'alice', mechanism: 'SCRAM-SHA-512' } as const;

/** Creates a password, lets something happen to it, and goes back. @param meanwhile iterations; undefined: it was deleted */
async function createdAndBack(meanwhile: number | undefined) {
  let iterations: number | undefined;
  const admin = {
    ...openKafkaAdministration('lab', KafkaClusterConfig.parse({ broker: 'kafka', bootstrap: ['127.0.0.1:1'] })),
    scram: async () => (iterations === undefined ? [] : [{ ...of, iterations }]),
    setScram: async (wanted: { iterations: number }) => void ({ iterations } = wanted),
    deleteScram: async () => void (iterations = undefined),
  };
  const tools = { admin, clock: systemClock, clusterArgs: '' };
  const { facts } = await planScram(tools, { ...of, iterations: 8192 }, io);
  const [step] = alterScramUser(() => 'secret').steps(facts, tools);
  await step?.run(io);
  iterations = meanwhile;
  if (step === undefined || !('run' in step.undo)) throw new Error('no rollback');
  return { restored: await step.undo.run?.(io), iterations };
}

test('going back deletes a new password', async () => {
  expect(await createdAndBack(8192)).toEqual({
    restored: ['alice has no SCRAM-SHA-512 password again'],
    iterations: undefined,
  });
});

test('going back keeps a password that others set since', async () => {
  expect(await createdAndBack(4096)).toEqual({
    restored: ['others set the SCRAM-SHA-512 password of alice, and it is kept (4096 iterations)'],
    iterations: 4096,
  });
});

test('going back deletes no password where there is none any more', async () => {
  expect(await createdAndBack(undefined)).toEqual({
    restored: ['alice has no SCRAM-SHA-512 password'],
    iterations: undefined,
  });
});
