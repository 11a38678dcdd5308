// Reads CloudWatch with the AWS SDK from moto server, an independent implementation of the API; AWS itself cannot run here.

import { execFile, spawn, spawnSync } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { freePorts } from '../../lab/free-port.ts';
import { npmPackage } from '../support/npm-package.ts';
import { fullMatrix, requires } from '../support/prerequisites.ts';
import { startScriptedHttp } from '../support/scripted-http.ts';

const run = promisify(execFile);
const secret = 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY';
const credentials = { AWS_ACCESS_KEY_ID: 'AKIAIOSFODNN7EXAMPLE', AWS_SECRET_ACCESS_KEY: secret };
const nowhere = {
  AWS_CONFIG_FILE: '/nowhere',
  AWS_SHARED_CREDENTIALS_FILE: '/nowhere',
  AWS_EC2_METADATA_DISABLED: 'true',
};
/** A whole minute of the last hours, so that periods of 60 s are still stored. */
const start = Math.floor(Date.now() / 60_000) * 60_000 - 3 * 3_600_000;
const hosts = { 'kafka-1': { instance: 'i-0a1', cores: 4, volumes: { 'vol-0b1': { iops: 100 } } } };

/** The part of the SDK that writes values. */
interface Sdk {
  CloudWatchClient: new (options: object) => { send(command: object): Promise<unknown> };
  PutMetricDataCommand: new (input: object) => object;
}

// The SDK and moto are downloads of 20 and 135 MB, without the server extra, which contains dependencies of other services.
if (fullMatrix) {
  requires('pip').describe('CloudWatch', () => {
    let folder: string;
    let modules: string;

    beforeAll(async () => {
      folder = await mkdtemp(join(tmpdir(), 'plimsoll-cloudwatch-'));
      modules = await npmPackage('@aws-sdk/client-cloudwatch@3.1164.0');
    }, 300_000);
    afterAll(() => rm(folder, { recursive: true, force: true }));

    /** Runs `plimsoll sources check`, or analyze with other arguments, with the API at `endpoint`. */
    async function plimsoll(endpoint: string, words: readonly string[], environment: NodeJS.ProcessEnv = credentials) {
      const config = join(folder, 'plimsoll.yaml');
      const source = { kind: 'cloudwatch', region: 'eu-central-1', endpoint, hosts };
      await writeFile(config, JSON.stringify({ sources: { aws: source } }));
      const main = fileURLToPath(new URL('../../cli/main.ts', import.meta.url));
      const env = { PATH: process.env['PATH'], HOME: folder, NODE_PATH: modules, ...nowhere, ...environment };
      const child = spawn(process.execPath, [main, ...words, '--config', config], { env });
      let output = '';
      child.stdout.on('data', (some: Buffer) => (output += some.toString()));
      child.stderr.on('data', (some: Buffer) => (output += some.toString()));
      const code = await new Promise((resolve) => child.on('close', resolve));
      return { code, output };
    }
    const check = ['sources', 'check', 'aws', '--to', new Date(start + 300_000).toISOString(), '--last', '5m'];

    test('values written by the SDK are read back from moto server as metrics', async () => {
      await run('python3', ['-m', 'venv', join(folder, 'venv')]);
      await run(join(folder, 'venv/bin/pip'), [
        'install',
        '--quiet',
        'moto==5.1.16',
        'flask==3.1.2',
        'flask-cors==6.0.1',
      ]);
      const [port = 0] = await freePorts(1);
      const endpoint = `http://127.0.0.1:${port}`;
      const server = spawn(join(folder, 'venv/bin/moto_server'), ['-p', String(port)], { stdio: 'ignore' });
      try {
        for (const end = Date.now() + 30_000; Date.now() < end; await setTimeout(200)) {
          if (
            await fetch(endpoint).then(
              () => true,
              () => false,
            )
          )
            break;
        }
        const sdk = createRequire(join(modules, 'x'))('@aws-sdk/client-cloudwatch') as Sdk;
        const client = new sdk.CloudWatchClient({
          region: 'eu-central-1',
          endpoint,
          credentials: { accessKeyId: credentials.AWS_ACCESS_KEY_ID, secretAccessKey: secret },
        });
        const put = (
          Namespace: string,
          MetricName: string,
          dimension: string,
          Value: string,
          at: (minute: number) => number,
        ) =>
          client.send(
            new sdk.PutMetricDataCommand({
              Namespace,
              MetricData: [0, 1, 2, 3, 4].map((minute) => ({
                MetricName,
                Dimensions: [{ Name: dimension, Value }],
                Timestamp: new Date(start + minute * 60_000),
                Value: at(minute),
              })),
            }),
          );
        await put('AWS/EC2', 'CPUUtilization', 'InstanceId', 'i-0a1', (minute) => 10 * minute);
        await put('AWS/EC2', 'NetworkIn', 'InstanceId', 'i-0a1', () => 60e6);
        await put('AWS/EC2', 'NetworkOut', 'InstanceId', 'i-0a1', () => 120e6);
        await put('AWS/EBS', 'VolumeReadOps', 'VolumeId', 'vol-0b1', () => 600);
        await put('AWS/EBS', 'VolumeWriteOps', 'VolumeId', 'vol-0b1', () => 2400);
        await put('AWS/EBS', 'VolumeWriteBytes', 'VolumeId', 'vol-0b1', () => 6e9);

        const script = `
          const { readTelemetry } = await import(${JSON.stringify(fileURLToPath(new URL('../../analyzer/evidence/sources/telemetry.ts', import.meta.url)))});
          const { SourceConfig } = await import(${JSON.stringify(fileURLToPath(new URL('../../analyzer/evidence/sources/config.ts', import.meta.url)))});
          const source = SourceConfig.parse(${JSON.stringify({ kind: 'cloudwatch', region: 'eu-central-1', endpoint, hosts })});
          const window = { from: new Date(${start}), to: new Date(${start + 300_000}), stepSeconds: 60 };
          const { hosts } = await readTelemetry(source, window, { signal: AbortSignal.timeout(20_000) });
          console.log(JSON.stringify(hosts.get('kafka-1').intervals));`;
        const { stdout } = spawnSync(process.execPath, ['--input-type=module', '-e', script], {
          encoding: 'utf8',
          env: { PATH: process.env['PATH'], NODE_PATH: modules, ...nowhere, ...credentials },
        });
        const intervals = JSON.parse(stdout) as object[];
        expect(intervals).toHaveLength(5);
        expect(intervals[3]).toEqual({
          from: 180,
          to: 240,
          cpu: { busyCores: expect.closeTo(1.2, 9), cores: 4, iowaitCores: 0, stealCores: 0 },
          network: [{ device: 'eni', inBytesPerSecond: 1e6, outBytesPerSecond: 2e6 }],
          disks: [{ device: 'vol-0b1', busy: 0.5, writtenBytesPerSecond: 1e8 }],
        });
        // The metrics include no broker, so they do not suffice for a verdict on production.
        const { code, output } = await plimsoll(endpoint, check);
        expect(output).toMatch(/busyCores +cloudwatch +kafka-1/);
        expect(code).toBe(3);
      } finally {
        server.kill();
      }
    }, 240_000);

    const json = { 'content-type': 'application/x-amz-json-1.0' };

    test('pages are read until there is no next token, and a repeated token ends the reading', async () => {
      await using api = await startScriptedHttp(({ body }, response, nth) => {
        const { NextToken } = JSON.parse(body) as { NextToken?: string };
        const minute = nth - 1;
        const results = ['q0', 'q1', 'q2'].map((Id) => ({
          Id,
          Timestamps: [start / 1000 + minute * 60],
          Values: [nth],
          StatusCode: minute < 4 ? 'PartialData' : 'Complete',
        }));
        expect(NextToken).toBe(minute === 0 ? undefined : `page-${minute}`);
        response.writeHead(200, json);
        response.end(JSON.stringify({ MetricDataResults: results, ...(minute < 4 && { NextToken: `page-${nth}` }) }));
      });
      const { output } = await plimsoll(api.url, check);
      expect(api.asked).toHaveLength(5);
      expect(output).toMatch(/busyCores +cloudwatch +kafka-1/);

      await using endless = await startScriptedHttp((_, response) => {
        response.writeHead(200, json);
        response.end(JSON.stringify({ MetricDataResults: [], NextToken: 'again' }));
      });
      expect((await plimsoll(endless.url, check)).output).toContain('gave the same page token twice');
      expect(endless.asked).toHaveLength(2);
    }, 60_000);

    test.each([
      [
        'ThrottlingException',
        400,
        4,
        /throttled 4 attempts: Rate exceeded/,
        'or have the quota of GetMetricData raised',
      ],
      [
        'AccessDeniedException',
        403,
        1,
        /denied GetMetricData: User: arn:aws:iam::1:user\/x is not authorized/,
        'allow cloudwatch:GetMetricData',
      ],
      ['ExpiredTokenException', 400, 1, /accepted no credentials/, 'aws sts get-caller-identity'],
      ['InvalidSignatureException', 403, 1, /accepted no credentials/, 'a wrong clock'],
    ])(
      '%s is reported with a hint, and retried only when throttled',
      async (type, status, attempts, message, hint) => {
        await using api = await startScriptedHttp((_, response) => {
          const text =
            type === 'ThrottlingException'
              ? 'Rate exceeded'
              : 'User: arn:aws:iam::1:user/x is not authorized to perform: cloudwatch:GetMetricData';
          response.writeHead(status, json);
          response.end(JSON.stringify({ __type: `com.amazonaws#${type}`, message: text }));
        });
        const { code, output } = await plimsoll(api.url, check);
        expect(api.asked).toHaveLength(attempts);
        expect(output).toMatch(message);
        expect(output).toContain(hint);
        expect(output).not.toContain(secret);
        expect(output).not.toContain(credentials.AWS_ACCESS_KEY_ID);
        expect(code).toBe(5);
      },
      60_000,
    );

    test('missing credentials fail with a hint on where to set them', async () => {
      const { output, code } = await plimsoll('http://127.0.0.1:9', check, {});
      expect(output).toMatch(/AWS accepted no credentials for CloudWatch in eu-central-1/);
      expect(code).toBe(5);
    }, 60_000);
  });
}
