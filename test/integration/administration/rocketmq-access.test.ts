// Creates, changes and deletes users and access control rules of a real RocketMQ, and compares the result with mqadmin.

import { mkdtempDisposable, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'vitest';
import { administeredLab } from '../../support/administration.ts';
import { fullMatrix, requires } from '../../support/prerequisites.ts';
import { startRocketmq } from '../../support/rocketmq.ts';

if (fullMatrix)
  requires('java', 'maven').test(
    'RocketMQ 5.3.3: a user and a rule are created, changed and deleted, as mqadmin shows',
    async () => {
      await using rocketmq = await startRocketmq({ version: '5.3.3', acl: true });
      const { config, configPath, mqadmin } = rocketmq;
      await using lab = await administeredLab({ configPath, config, confirmed: 'lab' });
      await using folder = await mkdtempDisposable(join(tmpdir(), 'plimsoll-test-user-'));
      const secret = join(folder.path, 'password');
      await writeFile(secret, 'billing-secret\n');
      const address = rocketmq.brokers[0]?.address ?? '';

      const user = ['--user', 'billing'];
      const unnamed = await lab.run('ops rocketmq alter-user', ...user, '--type', 'normal');
      expect(unnamed).toMatchObject({ exitCode: 2, stderr: expect.stringContaining('needs a password') });
      const made = await lab.run('ops rocketmq alter-user', ...user, '--password-file', secret, '--execute');
      expect(made, made.stderr).toMatchObject({ exitCode: 0, document: { status: 'done' } });
      expect(JSON.stringify(made)).not.toContain('billing-secret');

      const rule = ['--subject', 'User:billing', '--topic', 'order-*'];
      const granted = await lab.run(
        'ops rocketmq alter-acl',
        ...rule,
        '--action',
        'Sub',
        '--source',
        '10.0.0.0/8',
        '--execute',
      );
      expect(granted, granted.stderr).toMatchObject({ exitCode: 0, document: { status: 'done' } });
      expect((await lab.plain('get acls')).stdout).toMatch(/User:billing +allow +Sub +topic +order-\* +10\.0\.0\.0\/8/);
      expect(await mqadmin(['listUser', '-b', address])).toMatch(/billing\s+.*Normal\s+enable/i);
      expect(await mqadmin(['listAcl', '-b', address])).toMatch(/User:billing\s+.*Topic:order-\*\s+.*Sub/i);
      await lab.killWhen(/step 1 of 1, acl/, 'ops rocketmq alter-acl', ...rule, '--action', 'Pub', '--execute');
      const back = await lab.run('ops rocketmq alter-acl', '--subject', 'User:billing', '--abort');
      expect(back, back.stderr).toMatchObject({ exitCode: 0, document: { status: 'rolled-back' } });
      expect((await lab.plain('get acls')).stdout).toMatch(/User:billing +allow +Sub +topic/);
      const disabled = await lab.run('ops rocketmq alter-user', ...user, '--disable', '--execute');
      expect(disabled.document?.steps[0]?.evidence, disabled.stderr).toEqual(['broker-a:0: normal, disabled']);
      expect(await mqadmin(['listUser', '-b', address])).toMatch(/billing\s+.*disable/i);
      const taken = await lab.run('ops rocketmq alter-acl', ...rule, '--remove', '--execute');
      expect(taken, taken.stderr).toMatchObject({ exitCode: 0, document: { status: 'done' } });
      expect((await lab.plain('get acls')).stdout).not.toContain('User:billing');
      const gone = await lab.run('ops rocketmq alter-user', ...user, '--remove', '--execute');
      expect(gone, gone.stderr).toMatchObject({ exitCode: 0, document: { status: 'done' } });
      expect(await mqadmin(['listUser', '-b', address])).not.toContain('billing');
    },
    300_000,
  );
