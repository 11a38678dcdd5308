import { readdir } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { codecOf } from '../../../../../app/load-test/read-workload.ts';
import { loadConfigFile } from '../../../../../core/config-file.ts';
import { examplePolicy } from '../../../../support/example-policy.ts';
import { createPlan } from '../../../../../loadgen/plan/plan.ts';
import { completeWorkload, WorkloadFile } from '../../../../../loadgen/plan/workload.ts';
import { readWorkloadFiles } from '../../../../../loadgen/plan/workload/read-files.ts';

const folder = fileURLToPath(new URL('../../../../../examples/workloads/', import.meta.url));
const files = (await readdir(folder)).filter((name) => name.endsWith('.yaml'));

test.each(files)('the example %s is a valid plan', async (file) => {
  const io = { signal: new AbortController().signal };
  const written = await loadConfigFile(folder + file, WorkloadFile, io);
  const workload = completeWorkload(await readWorkloadFiles(written, folder, io), {});
  const broker = file.includes('rocketmq') ? 'rocketmq' : 'kafka';
  const plan = createPlan({
    id: 'r',
    cluster: { name: 'lab', broker, config: {} },
    workload,
    keepTopic: false,
    policy: examplePolicy(),
    ...(await codecOf(workload, broker)),
  });
  expect(plan.durationSeconds).toBeGreaterThan(60);
  expect(written.name).toBe(file.replace('.yaml', ''));
});
