import { expect, test } from 'vitest';
import { judgeCoverage } from '../../../../app/load-test/prepare-load.ts';
import { ConfigFile } from '../../../../app/config/config-file.ts';
import { planWorkload } from '../../../../app/load-test/plan-run.ts';
import { completeWorkload, WorkloadFile } from '../../../../loadgen/plan/workload.ts';

async function judge(unlisted: string[], lost: string[], acceptBlind = false): Promise<string[]> {
  const config = ConfigFile.parse({ clusters: { lab: { broker: 'rocketmq', namesrv: ['192.0.2.1:9876'] } } });
  const { lab: cluster } = config.clusters;
  if (cluster === undefined) throw new Error('no cluster');
  const file = WorkloadFile.parse({ messageSize: '100B', profile: { kind: 'steps', rates: [1] } });
  const plan = await planWorkload(config, completeWorkload(file, {}), {}, new Date());
  const notices: string[] = [];
  const parts = { plan, config, cluster, lost, acceptBlind, onNotice: (text: string) => void notices.push(text) };
  judgeCoverage(parts, { brokers: [], unlisted });
  return notices;
}

test('a broker that is lost as requested is not missing, also under the id by which its controller lists it', async () => {
  // The elected master is broker-a:0, and was broker-a:2 before.
  expect(await judge(['broker-a:1'], ['broker-a:2'])).toEqual([]);
  await expect(judge(['broker-b:1'], ['broker-a:2'])).rejects.toMatchObject({ code: 'not-ready' });
});

test('a run without a broker that is not in the cluster says what stays unknown', async () => {
  expect(await judge(['broker-a:1'], [], true)).toEqual([
    'broker broker-a:1: no rate metrics, so the safe maximum with all brokers cannot be computed',
  ]);
});
