// Lists the faults a user can meet, each with its hint and exit code, and drops others on purpose. docs/reference/errors.md is generated
// from this table.

import { debuglog } from 'node:util';

/** Exit codes of every command; `answered` covers confirmed, predicted, observed and at-least. */
export const exitCodes = {
  answered: 0,
  unexpected: 1,
  usage: 2,
  unknown: 3,
  invalidRun: 4,
  prerequisite: 5,
  threshold: 6,
  aborted: 130,
} as const;

/** Hints by fault code. */
const hints = {
  usage: {
    usage: 'run the command with --help to see its options and examples',
    'config-unreadable': 'check the path and its permissions',
    'config-invalid': 'correct the keys named in the message; docs/reference/config.md lists the keys of plimsoll.yaml',
    'secret-unreadable': 'write secrets as ${file:/path} or ${env:NAME}; the file or variable must exist',
    'workload-invalid': 'docs/schema/workload.schema.json lists every key, and editors can complete keys with it',
    'topic-conflict': 'use another topic name, or the partition count of the existing topic',
    'load-test-refused': 'docs/how-to/allow-a-load-test.md describes how a cluster allows load tests',
    'source-unreadable': 'docs/reference/telemetry-sources.md lists the supported export files',
    'not-found': '`plimsoll get --help` shows the commands that list existing names',
    'file-exists': 'give --force to overwrite it, or choose another file',
    'run-missing': 'give the folder that `plimsoll run` wrote; it contains run.json',
    'readings-unreadable': 'docs/how-to/import-readings.md lists the supported tools and how to run them',
    'load-test-unreadable': 'docs/reference/importers.md lists the supported load test files and how to run the tools',
    'points-unreadable':
      'the file must be UTF-8 CSV with the header concurrency,throughput and one point per line; see docs/explanation/scaling.md',
    'reassignment-unreadable':
      'docs/changes/reassignment.md describes the supported files and how Kafka writes the assignment',
    'reassignment-impossible':
      'docs/changes/reassignment.md lists the constraints of a plan: racks, disks, and at least as many brokers as replicas',
    'wrong-cluster':
      'correct the address, or clusterId if the cluster was rebuilt; see docs/how-to/name-the-cluster.md',
    'cluster-id-missing': '`plimsoll init` writes clusterId; see docs/how-to/name-the-cluster.md',
    'sizing-unreadable':
      'docs/explanation/sizing.md describes the input files; `plimsoll analyze --json` prints those with a verdict',
    'render-refused': 'give a new or empty folder, or one written by this command and not edited since',
    'plan-unreadable':
      '`plimsoll size domains.yaml --json` writes a plan; docs/schema/cluster-plan.schema.json lists every key',
    'report-unreadable':
      'docs/explanation/report.md lists the input files of a report and the command that writes each',
    'history-unreadable':
      'the file must be UTF-8 CSV with the header time,value and one reading per line; see docs/explanation/forecast.md',
    'waivers-unreadable': 'see docs/explanation/cluster-check.md and examples/waivers.yaml for the format',
    'backup-unreadable':
      'give a file written by `plimsoll ops offsets backup` or `reset --execute` for this cluster and group',
    'gc-log-unreadable': 'docs/explanation/gc-log.md lists the supported logs and the JVM options that write them',
    'run-complete': 'only a run that was interrupted or ended early can be resumed',
    'run-exists': 'give --out a folder that does not exist yet',
    'ssh-key-unusable': 'check privateKeyFile, its permissions and passphrase, or agent',
    'ledger-entry-unreadable':
      'docs/explanation/service.md lists the documents that the history accepts and the command that writes each',
    'access-open':
      'give --web.config.file with basic_auth_users or client certificates, configure service.oidc or service.trustedProxy, or listen on 127.0.0.1',
    'hooks-without-token':
      'set service.hooks.token and give it to Alertmanager as http_config.authorization (docs/reference/alerts.md), or configure a login',
    'role-missing': 'log in as operator: see docs/explanation/service.md, "Who may do what"',
    'request-invalid': 'see the parameters of each path in /api/v1/openapi.json',
    'method-not-allowed': 'the Allow header of the answer lists the methods of this path',
    'not-acceptable': 'the API answers in JSON: send Accept: application/json, or no Accept',
    'body-too-large': 'docs/reference/api.md lists the maximum size; send the document in parts',
    'body-not-json': 'send Content-Type: application/json, in UTF-8',
    'body-invalid': '/api/v1/openapi.json has the schema of the document',
    'cross-site-request':
      'requests from pages of other sites are refused; a reverse proxy must pass the Host header unchanged',
  },
  invalidRun: {
    'change-unreadable':
      'the file records the progress of a change: restore it, or inspect the cluster before you start a new change',
    'run-unreadable': 'the file is damaged (not only its last line cut off); restore it from a copy',
    'run-newer-schema': 'upgrade Plimsoll, or analyze the run with the version that wrote it',
    'run-edited': 'a bundle is evidence and must not be edited; restore it from a copy',
    'run-failed': 'the bundle contains everything recorded until then; `plimsoll analyze` reads it',
    'ledger-damaged':
      'nothing was overwritten: `plimsoll history restore BACKUP` replaces it with a backup and keeps the damaged file',
    'ledger-newer-schema': 'upgrade Plimsoll, or use a history database that this version wrote',
  },
  prerequisite: {
    'guard-input-unreadable':
      'check the address and the metric under loadgen.guard, or remove the rule; a run does not start without its guard',
    'prometheus-refused': 'check the URL and the expression by opening it in a browser',
    'kubernetes-refused': 'check the server and its certificate: `kubectl get --raw /version` with the same kubeconfig',
    'zabbix-refused': 'check the URL of api_jsonrpc.php, the token, and that its user may read the hosts',
    'cloudwatch-refused':
      'check the region and the endpoint; `aws cloudwatch list-metrics` shows whether the API answers',
    'source-empty': '`plimsoll sources check` lists which series a source has and which are missing',
    'not-ready':
      'fix or configure what is listed (`plimsoll ready` lists everything); --accept-blind continues without these metrics, and verdicts that need them stay unknown',
    'change-refused': 'run the command without --execute to list what must be fixed first',
    'approval-missing':
      'write the plan with --write-plan FILE, have somebody else run `plimsoll ops approve FILE`, and give --approval FILE.approval',
    'approval-refused':
      'docs/changes/change-rules.md describes how a plan is approved; a plan that changed since then needs a new approval',
    'change-frozen':
      'wait until the freeze ends, or give --during-freeze "REASON", which is recorded in the audit log; --abort is always allowed',
    'change-under-way':
      'wait until that process has ended, or stop it; `plimsoll ops status` then lists the commands that continue or roll back the change',
    'lease-expired':
      'if that process has ended, --take-over takes its lease; in scripts, --confirm ID confirms the cluster',
    'lease-unreachable':
      'check that every name server, or the coordinator of the group, answers; nothing is changed without a lease',
    'lease-unreadable':
      'use the version of Plimsoll that wrote the lease; docs/changes/change-lease.md describes how to remove it by hand',
    'broker-unreachable':
      'check that the broker runs and is not overloaded, then host, port, and whether the listener speaks TLS',
    'name-servers-unreachable':
      'check the addresses under clusters.<name>.namesrv; brokers and connected clients keep working without name servers',
    'broker-refused': 'the message comes from the broker; see its log for details',
    'broker-busy':
      'the broker rejects requests because its disk or queues are saturated: lower the load or add capacity',
    'answer-unreadable':
      'the broker may be newer than docs/reference/brokers.md lists; report the message with the version of the broker',
    'credentials-refused': 'check user, password and mechanism under clusters.<name>.sasl',
    'unsupported-broker': 'docs/reference/brokers.md lists the supported broker versions and features',
    'prerequisite-missing': 'install the missing program and run the command again',
    'no-permission': 'run the command as a user with this permission, or omit the option',
    'port-in-use': 'choose another port with --listen, or :0 for any free one',
    'no-space': 'free disk space, or write to another place; everything recorded so far is intact',
    'host-unreachable': 'check address and port under hosts.<name>, and that sshd runs on the host',
    'host-key-unknown': 'compare the fingerprint with that of the host, then add its key to the known_hosts file',
    'host-key-changed':
      'this may be a man-in-the-middle attack; if the host key was replaced on purpose, replace the line in known_hosts',
    'ssh-login-refused': 'check user and key under hosts.<name>, and authorized_keys on the host',
    'host-hung': 'check the load and the network of the host; Plimsoll reconnects by itself',
    'host-unreadable': 'check the roots under hosts.<name> and the permissions of this user',
    'host-refused':
      'check what the user may write on the host, or set `sudo: true` in site.yaml, with NOPASSWD in sudoers',
    'archive-refused':
      'download the distribution again from its project, and compare the digest with that of the download page',
    'coordinator-unreachable':
      'loadgen.workers.address must be an address and open port of the coordinator that the workers can reach',
    'coordinator-lost': 'the worker has stopped its load; check the run on the host of `plimsoll run`',
    'worker-refused':
      'a pass is valid for one worker and one run; `plimsoll worker manifests` creates new ones for workers that you start yourself',
    'worker-absent': 'check the log of the worker, and that it reaches loadgen.workers.address',
    'clock-off':
      'synchronize the clock of the host (chrony, ntpd), or accept it with loadgen.workers.acceptClock; times are corrected in both cases',
    'machine-unfit': 'docs/how-to/load-from-several-machines.md lists the requirements of a host',
    'lab-running': '`plimsoll lab status` shows it, `plimsoll lab down` stops it',
    'lab-failed': 'see the log of the broker, named in the message',
    'leadership-lost': 'nothing to do: the other instance runs the job; see docs/how-to/run-two-instances.md',
    'ledger-full': 'free disk space for the history database; existing entries are intact and readable',
    'ledger-unwritable': 'check the permissions and the system log for that disk; existing entries are intact',
    'ledger-in-use':
      'only one process can write the history: stop the other one, or give this one another `--history-db`',
    'state-unwritable': 'give --state-dir a folder that this user can write to',
    'notification-failed':
      'compare `service.hooks.channels` with the settings of the notification channel: address, secret, and the required keywords or addresses',
    'service-busy': 'retry after the time in the Retry-After header',
    'calculation-too-long': 'reduce the request, or use the command line, which has no time limit',
  },
  threshold: {
    'load-stopped': 'the bundle contains everything recorded until then; `plimsoll analyze` reads it',
    'drill-failed': 'start the stopped broker and check that every member is listed again: `plimsoll get brokers`',
    'offsets-not-moved': 'fix the cause first; the backup has the offsets from before the move',
    'lease-lost':
      '`plimsoll ops status` shows who holds the lease, and the commands that continue or roll back this change',
    'change-stopped': 'fix the cause first',
  },
  unexpected: {
    unexpected:
      'this is a defect of Plimsoll: run again with PLIMSOLL_DEBUG=1 to get a stack trace, and report the defect with it',
  },
  aborted: {
    aborted: 'run the command again',
  },
} as const satisfies Partial<Record<keyof typeof exitCodes, Record<string, string>>>;

type ExitName = keyof typeof hints;
export type FaultCode = { [Exit in ExitName]: keyof (typeof hints)[Exit] }[ExitName];

export const faults = Object.fromEntries(
  Object.entries(hints).flatMap(([exit, own]) =>
    Object.entries(own).map(([code, hint]) => [code, { exitCode: exitCodes[exit as ExitName], hint }]),
  ),
) as Readonly<Record<FaultCode, { exitCode: number; hint: string }>>;

/** A fault reported to the user. `message` names the thing and the attempt, `hint` the remedy. */
export class AppError extends Error {
  readonly code: FaultCode;
  readonly hint: string;
  /** The message in Chinese, for pages; absent if there is none. */
  readonly messageZh: string | undefined;

  constructor(
    code: FaultCode,
    attempt: string,
    options?: ErrorOptions & { hint?: string | undefined; messageZh?: string },
  ) {
    super(attempt, options);
    this.name = 'AppError';
    this.code = code;
    this.hint = options?.hint ?? faults[code].hint;
    this.messageZh = options?.messageZh;
  }

  get exitCode(): number {
    return faults[this.code].exitCode;
  }
}

/** For callers that continue without the response. @throws the signal's reason if aborted, and errors that are not faults */
export function faultOf(cause: unknown, { signal }: { signal: AbortSignal }): AppError {
  signal.throwIfAborted();
  if (!(cause instanceof AppError)) throw cause;
  return cause;
}

/** Runs it. @throws AppError of it, whose message begins with what it is about */
export function about<Value>(what: string, work: () => Value): Value {
  try {
    return work();
  } catch (cause) {
    if (!(cause instanceof AppError)) throw cause;
    throw new AppError(cause.code, `${what}: ${cause.message}`, { cause, hint: cause.hint });
  }
}

/** For `.catch(…)`. @throws AppError that ends with the message of the cause */
export const faultAs =
  (code: FaultCode, attempt: string, hint?: string) =>
  (cause: unknown): never => {
    throw new AppError(code, `${attempt}: ${readFailure(cause)}`, { cause, hint });
  };

/** Runs it. @throws AppError that ends with the message of what it throws */
export function orFault<Value>(work: () => Value, ...fault: Parameters<typeof faultAs>): Value {
  try {
    return work();
  } catch (cause) {
    return faultAs(...fault)(cause);
  }
}

/** Whether the error shows a defect of the program. A TypeError with a cause comes from `fetch` and does not. */
export const isDefect = (error: unknown): error is Error =>
  (error instanceof TypeError || error instanceof ReferenceError || error instanceof RangeError) &&
  error.cause === undefined;

/** Whether nothing answered: no broker, or none of the name servers. A retry may succeed. */
export const isUnreachable = ({ code }: AppError) =>
  code === 'broker-unreachable' || code === 'name-servers-unreachable';

const trace = debuglog('plimsoll');

/** For `.catch(…)` if nothing else is to be done. A failure that users must see becomes a value or a log line instead. */
export const ignoreFault =
  (reason: string) =>
  (fault: unknown): undefined => {
    trace('ignored, because %s: %s', reason, fault);
  };

/** For a sleep that ends early on abort; the code after it checks the signal. */
export const endOfWait = ignoreFault('an aborted wait only ends early');

/** For a promise that may reject before it is awaited. */
export const awaitedElsewhere = ignoreFault('the caller that waits for it gets the failure');

export const fileFaultCodes: Readonly<Record<string, FaultCode>> = {
  ENOSPC: 'no-space',
  EDQUOT: 'no-space',
  EACCES: 'no-permission',
  EPERM: 'no-permission',
  EROFS: 'no-permission',
  ENAMETOOLONG: 'usage',
};

const reasons: Readonly<Record<string, string>> = {
  ENOENT: 'no such file',
  EISDIR: 'it is a directory',
  EACCES: 'permission denied',
  ERR_ENCODING_INVALID_ENCODED_DATA: 'it is not UTF-8 text',
};

/** Names the reason of a failure, of files in plain words. */
export function readFailure(cause: unknown): string {
  const { code, message } = cause as NodeJS.ErrnoException;
  return reasons[code ?? ''] ?? message;
}
