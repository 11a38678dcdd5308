// Lists the faults a user can meet, each with its hint and exit code. docs/errors.md is generated from this table.

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

export const faults = {
  usage: { exitCode: 2, hint: 'run the command with --help to see its options and examples' },
  'config-unreadable': {
    exitCode: 2,
    hint: 'check the path and its permissions; `--config FILE` names the config file',
  },
  'config-invalid': {
    exitCode: 2,
    hint: 'correct the keys named in the message; docs/reference/config.md lists the keys of plimsoll.yaml',
  },
  'secret-unreadable': {
    exitCode: 2,
    hint: 'write secrets as ${file:/path} or ${env:NAME}; the file or variable must exist',
  },
  'workload-invalid': {
    exitCode: 2,
    hint: 'docs/schema/workload.schema.json lists every key, and editors can complete keys with it',
  },
  'topic-conflict': { exitCode: 2, hint: 'use another topic name, or the partition count of the existing topic' },
  'load-test-refused': {
    exitCode: 2,
    hint: 'docs/how-to/allow-a-load-test.md describes how a cluster allows load tests',
  },
  'guard-input-unreadable': {
    exitCode: 5,
    hint: 'check the address and the metric under loadgen.guard, or remove the rule; a run does not start without its guard',
  },
  'prometheus-refused': { exitCode: 5, hint: 'check the URL and the expression by opening it in a browser' },
  'kubernetes-refused': {
    exitCode: 5,
    hint: 'check the server and its certificate: `kubectl get --raw /version` with the same kubeconfig',
  },
  'zabbix-refused': {
    exitCode: 5,
    hint: 'check the URL of api_jsonrpc.php, the token, and that its user may read the hosts',
  },
  'cloudwatch-refused': {
    exitCode: 5,
    hint: 'check the region and the endpoint; `aws cloudwatch list-metrics` shows whether the API answers',
  },
  'source-empty': {
    exitCode: 5,
    hint: '`plimsoll sources check` lists which series a source has and which are missing',
  },
  'source-unreadable': { exitCode: 2, hint: 'docs/telemetry-sources.md lists the supported export files' },
  'not-ready': {
    exitCode: 5,
    hint: 'fix or configure what is listed (`plimsoll ready` lists everything); --accept-blind continues without these metrics, and verdicts that need them stay unknown',
  },
  'load-stopped': {
    exitCode: 6,
    hint: 'the bundle contains everything recorded until then; `plimsoll analyze` reads it',
  },
  'not-found': { exitCode: 2, hint: '`plimsoll get --help` shows the commands that list existing names' },
  'file-exists': { exitCode: 2, hint: 'give --force to overwrite it, or choose another file' },
  'run-missing': { exitCode: 2, hint: 'give the folder that `plimsoll run` wrote; it contains run.json' },
  'readings-unreadable': {
    exitCode: 2,
    hint: 'docs/import-readings.md lists the supported tools and how to run them',
  },
  'load-test-unreadable': {
    exitCode: 2,
    hint: 'docs/importers.md lists the supported load test files and how to run the tools',
  },
  'points-unreadable': {
    exitCode: 2,
    hint: 'the file must be UTF-8 CSV with the header concurrency,throughput and one point per line; see docs/scaling.md',
  },
  'reassignment-unreadable': {
    exitCode: 2,
    hint: 'docs/reassignment.md describes the supported files and how Kafka writes the assignment',
  },
  'reassignment-impossible': {
    exitCode: 2,
    hint: 'docs/reassignment.md lists the constraints of a plan: racks, disks, and at least as many brokers as replicas',
  },
  'drill-failed': {
    exitCode: 6,
    hint: 'start the stopped broker and check that every member is listed again: `plimsoll get brokers`',
  },
  'wrong-cluster': {
    exitCode: 2,
    hint: 'correct the address, or clusterId if the cluster was rebuilt; see docs/how-to/name-the-cluster.md',
  },
  'cluster-id-missing': {
    exitCode: 2,
    hint: '`plimsoll init` writes clusterId; see docs/how-to/name-the-cluster.md',
  },
  'change-refused': {
    exitCode: 5,
    hint: 'run the command without --execute to list what must be fixed first',
  },
  'approval-missing': {
    exitCode: 5,
    hint: 'write the plan with --write-plan FILE, have somebody else run `plimsoll ops approve FILE`, and give --approval FILE.approval',
  },
  'approval-refused': {
    exitCode: 5,
    hint: 'docs/change-rules.md describes how a plan is approved; a plan that changed since then needs a new approval',
  },
  'change-frozen': {
    exitCode: 5,
    hint: 'wait until the freeze ends, or give --during-freeze "REASON", which is recorded in the audit log; --abort is always allowed',
  },
  'offsets-not-moved': {
    exitCode: 6,
    hint: 'fix the cause first; the backup has the offsets from before the move',
  },
  'change-under-way': {
    exitCode: 5,
    hint: 'wait until that process has ended, or stop it; then --resume continues and --abort rolls back',
  },
  'lease-expired': {
    exitCode: 5,
    hint: 'if that process has ended, --take-over takes its lease; in scripts, --confirm ID confirms the cluster',
  },
  'lease-lost': {
    exitCode: 6,
    hint: '`plimsoll ops status` shows who holds the lease; once it is free, --resume continues and --abort rolls back',
  },
  'lease-unreachable': {
    exitCode: 5,
    hint: 'check that every name server, or the coordinator of the group, answers; nothing is changed without a lease',
  },
  'lease-unreadable': {
    exitCode: 5,
    hint: 'use the version of Plimsoll that wrote the lease; docs/change-lease.md describes how to remove it by hand',
  },
  'change-unreadable': {
    exitCode: 4,
    hint: 'the file records the progress of a change: restore it, or inspect the cluster before you start a new change',
  },
  'sizing-unreadable': {
    exitCode: 2,
    hint: 'docs/sizing.md describes the input files; `plimsoll analyze --json` prints a verdict',
  },
  'render-refused': {
    exitCode: 2,
    hint: 'give a new or empty folder, or one written by this command and not edited since',
  },
  'plan-unreadable': {
    exitCode: 2,
    hint: '`plimsoll size domains.yaml --json` writes a plan; docs/schema/cluster-plan.schema.json lists every key',
  },
  'report-unreadable': {
    exitCode: 2,
    hint: 'docs/report.md lists the input files of a report and the command that writes each',
  },
  'history-unreadable': {
    exitCode: 2,
    hint: 'the file must be UTF-8 CSV with the header time,value and one reading per line; see docs/forecast.md',
  },
  'waivers-unreadable': {
    exitCode: 2,
    hint: 'see docs/cluster-check.md and examples/waivers.yaml for the format',
  },
  'backup-unreadable': {
    exitCode: 2,
    hint: 'give a file written by `plimsoll ops offsets backup` or `reset --execute` for this cluster and group',
  },
  'gc-log-unreadable': {
    exitCode: 2,
    hint: 'docs/gc-log.md lists the supported logs and the JVM options that write them',
  },
  'run-complete': { exitCode: 2, hint: 'only a run that was interrupted or ended early can be resumed' },
  'run-exists': { exitCode: 2, hint: 'give --out a folder that does not exist yet' },
  'run-unreadable': {
    exitCode: 4,
    hint: 'the bundle is damaged before its last line; restore it from a copy',
  },
  'run-newer-schema': { exitCode: 4, hint: 'upgrade Plimsoll, or analyze the run with the version that wrote it' },
  'run-edited': { exitCode: 4, hint: 'a bundle is evidence and must not be edited; restore it from a copy' },
  'run-failed': {
    exitCode: 4,
    hint: 'the bundle contains everything recorded until then; `plimsoll analyze` reads it',
  },
  'broker-unreachable': { exitCode: 5, hint: 'check host, port and whether the listener speaks TLS' },
  'name-servers-unreachable': {
    exitCode: 5,
    hint: 'check the addresses under clusters.<name>.namesrv; brokers and connected clients keep working without name servers',
  },
  'broker-refused': { exitCode: 5, hint: 'the message comes from the broker; see its log for details' },
  'broker-busy': {
    exitCode: 5,
    hint: 'the broker rejects requests because its disk or queues are saturated: lower the load or add capacity',
  },
  'answer-unreadable': {
    exitCode: 5,
    hint: 'the broker may be newer than docs/brokers.md lists; report the message with the version of the broker',
  },
  'credentials-refused': { exitCode: 5, hint: 'check user, password and mechanism under clusters.<name>.sasl' },
  'unsupported-broker': { exitCode: 5, hint: 'docs/brokers.md lists the supported broker versions and features' },
  'prerequisite-missing': { exitCode: 5, hint: 'install the missing program and run the command again' },
  'no-permission': { exitCode: 5, hint: 'run the command as a user with this permission, or omit the option' },
  'port-in-use': { exitCode: 5, hint: 'choose another port with --listen, or :0 for any free one' },
  'no-space': {
    exitCode: 5,
    hint: 'free disk space or use another --out folder; everything recorded so far is intact',
  },
  'host-unreachable': {
    exitCode: 5,
    hint: 'check address and port under hosts.<name>, and that sshd runs on the host',
  },
  'host-key-unknown': {
    exitCode: 5,
    hint: 'compare the fingerprint with that of the host, then add its key to the known_hosts file',
  },
  'host-key-changed': {
    exitCode: 5,
    hint: 'this may be a man-in-the-middle attack; if the host key was replaced on purpose, replace the line in known_hosts',
  },
  'ssh-login-refused': { exitCode: 5, hint: 'check user and key under hosts.<name>, and authorized_keys on the host' },
  'ssh-key-unusable': { exitCode: 2, hint: 'check privateKeyFile, its permissions and passphrase, or agent' },
  'host-hung': {
    exitCode: 5,
    hint: 'check the load and the network of the host; Plimsoll reconnects by itself',
  },
  'host-unreadable': { exitCode: 5, hint: 'check the roots under hosts.<name> and the permissions of this user' },
  'host-refused': {
    exitCode: 5,
    hint: 'check what this user may write there; set `sudo: true` in site.yaml, with NOPASSWD in sudoers',
  },
  'archive-refused': {
    exitCode: 5,
    hint: 'download the distribution again from its project, and compare the digest with that of the download page',
  },
  'coordinator-unreachable': {
    exitCode: 5,
    hint: 'loadgen.workers.address must be an address and open port of the coordinator that the workers can reach',
  },
  'coordinator-lost': {
    exitCode: 5,
    hint: 'the worker has stopped its load; check the run on the host of `plimsoll run`',
  },
  'worker-refused': {
    exitCode: 5,
    hint: 'a pass is valid for one worker and one run; `plimsoll run` creates new ones',
  },
  'worker-absent': {
    exitCode: 5,
    hint: 'check the log of the worker, and that it reaches loadgen.workers.address',
  },
  'clock-off': {
    exitCode: 5,
    hint: 'synchronize the clock of the host (chrony, ntpd), or accept it with loadgen.workers.acceptClock; times are corrected in both cases',
  },
  'machine-unfit': { exitCode: 5, hint: 'docs/how-to/load-from-several-machines.md lists the requirements of a host' },
  'lab-running': { exitCode: 5, hint: '`plimsoll lab status` shows it, `plimsoll lab down` stops it' },
  'lab-failed': { exitCode: 5, hint: 'see the log of the broker, named in the message' },
  'change-stopped': {
    exitCode: 6,
    hint: 'fix the cause first',
  },
  'leadership-lost': {
    exitCode: 5,
    hint: 'nothing to do: the other instance runs the job; see docs/how-to/run-two-instances.md',
  },
  'ledger-full': {
    exitCode: 5,
    hint: 'free disk space for the history database; existing entries are intact and readable',
  },
  'ledger-unwritable': {
    exitCode: 5,
    hint: 'check the permissions and the system log for that disk; existing entries are intact',
  },
  'ledger-in-use': {
    exitCode: 5,
    hint: 'only one process can write the history: stop the other one, or give this one another `--history-db`',
  },
  'ledger-damaged': {
    exitCode: 4,
    hint: 'nothing was overwritten: `plimsoll history restore BACKUP` replaces it with a backup and keeps the damaged file',
  },
  'ledger-newer-schema': { exitCode: 4, hint: 'upgrade Plimsoll, or use a history database that this version wrote' },
  'ledger-entry-unreadable': {
    exitCode: 2,
    hint: 'docs/service.md lists the documents that the history accepts and the command that writes each',
  },
  'access-open': {
    exitCode: 2,
    hint: 'give --web.config.file with basic_auth_users or client certificates, configure service.oidc or service.trustedProxy, or listen on 127.0.0.1',
  },
  'hooks-without-token': {
    exitCode: 2,
    hint: 'set service.hooks.token and give it to Alertmanager as http_config.authorization (docs/alerts.md), or configure a login',
  },
  'state-unwritable': { exitCode: 5, hint: 'give --state-dir a folder that this user can write to' },
  'role-missing': {
    exitCode: 2,
    hint: 'log in as operator: see docs/service.md, "Who may do what"',
  },
  'notification-failed': {
    exitCode: 5,
    hint: 'compare `service.hooks.channels` with the settings of the notification channel: address, secret, and the required keywords or addresses',
  },
  'request-invalid': { exitCode: 2, hint: 'see the parameters of each path in /api/v1/openapi.json' },
  'method-not-allowed': { exitCode: 2, hint: 'the Allow header of the answer lists the methods of this path' },
  'not-acceptable': { exitCode: 2, hint: 'the API answers in JSON: send Accept: application/json, or no Accept' },
  'body-too-large': { exitCode: 2, hint: 'docs/api.md lists the maximum size; send the document in parts' },
  'body-not-json': { exitCode: 2, hint: 'send Content-Type: application/json, in UTF-8' },
  'body-invalid': { exitCode: 2, hint: '/api/v1/openapi.json has the schema of the document' },
  'cross-site-request': {
    exitCode: 2,
    hint: 'requests from pages of other sites are refused; a reverse proxy must pass the Host header unchanged',
  },
  'service-busy': { exitCode: 5, hint: 'retry after the time in the Retry-After header' },
  'calculation-too-long': { exitCode: 5, hint: 'reduce the request, or use the command line, which has no time limit' },
  unexpected: {
    exitCode: 1,
    hint: 'this is a defect of Plimsoll: run again with PLIMSOLL_DEBUG=1 to get a stack trace, and report the defect with it',
  },
  aborted: { exitCode: 130, hint: 'what was recorded until then is kept' },
} as const satisfies Record<string, { exitCode: number; hint: string }>;

export type FaultCode = keyof typeof faults;

/** A fault reported to the user. `message` names the thing and the attempt, `hint` the remedy. */
export class AppError extends Error {
  readonly code: FaultCode;
  readonly hint: string;

  constructor(code: FaultCode, attempt: string, options?: ErrorOptions & { hint?: string }) {
    super(attempt, options);
    this.name = 'AppError';
    this.code = code;
    this.hint = options?.hint ?? faults[code].hint;
  }

  get exitCode(): number {
    return faults[this.code].exitCode;
  }
}

/** Whether the error shows a defect of the program. A TypeError with a cause comes from `fetch` and does not. */
export const isDefect = (error: unknown): error is Error =>
  (error instanceof TypeError || error instanceof ReferenceError || error instanceof RangeError) &&
  error.cause === undefined;

/** Whether nothing answered: a broker, or every name server. It may answer later. */
export const isUnreachable = ({ code }: AppError) =>
  code === 'broker-unreachable' || code === 'name-servers-unreachable';
