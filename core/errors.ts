// What can go wrong for a user, and with which words and exit code? One row per fault; docs/errors.md is made from it.

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
  'config-unreadable': { exitCode: 2, hint: 'give a readable YAML file with --config' },
  'config-invalid': { exitCode: 2, hint: 'run `plimsoll config check` for every problem at once' },
  'secret-unreadable': {
    exitCode: 2,
    hint: 'secrets are written ${file:/path} or ${env:NAME}; the file or variable must exist',
  },
  'workload-invalid': {
    exitCode: 2,
    hint: 'docs/schema/workload.schema.json lists every key; editors complete from it',
  },
  'topic-conflict': { exitCode: 2, hint: 'choose another topic name, or the partition count the topic has' },
  'load-test-refused': {
    exitCode: 2,
    hint: 'docs/how-to/allow-a-load-test.md shows what a cluster allows, and how',
  },
  'guard-input-unreadable': {
    exitCode: 5,
    hint: 'a run is not started blind: check the address and the metric under loadgen.guard, or take the rule away',
  },
  'prometheus-refused': { exitCode: 5, hint: 'check the URL and the expression by opening it in a browser' },
  'zabbix-refused': {
    exitCode: 5,
    hint: 'check the URL of api_jsonrpc.php, the token, and whether its user may read the hosts',
  },
  'source-empty': {
    exitCode: 5,
    hint: '`plimsoll sources check` lists which series a source has and which are missing',
  },
  'source-unreadable': { exitCode: 2, hint: 'docs/telemetry-sources.md shows which exported files are read' },
  'not-ready': {
    exitCode: 5,
    hint: 'mend or state what is named (`plimsoll ready` shows all of it); --accept-blind goes on all the same, with verdicts that stay unknown',
  },
  'load-stopped': { exitCode: 6, hint: 'what was recorded until then is in the bundle; `plimsoll analyze` reads it' },
  'not-found': { exitCode: 2, hint: '`plimsoll get --help` shows what lists the names there are' },
  'file-exists': { exitCode: 2, hint: 'give --force to overwrite it, or another --out' },
  'run-missing': { exitCode: 2, hint: 'give the folder of a run bundle, the one that holds run.json' },
  'readings-unreadable': {
    exitCode: 2,
    hint: 'docs/import-readings.md shows which tools are read, and how to call them',
  },
  'load-test-unreadable': {
    exitCode: 2,
    hint: 'docs/importers.md shows which files of load tests are read, and how the tools are called',
  },
  'points-unreadable': {
    exitCode: 2,
    hint: 'the file is CSV in UTF-8: the header concurrency,throughput, then one point a line; docs/scaling.md shows one',
  },
  'reassignment-unreadable': {
    exitCode: 2,
    hint: 'docs/reassignment.md shows the files that are read, and how Kafka writes the assignment',
  },
  'reassignment-impossible': {
    exitCode: 2,
    hint: 'docs/reassignment.md says what a plan keeps to: racks, disks, and as many brokers as replicas',
  },
  'drill-failed': {
    exitCode: 6,
    hint: 'start what was stopped, and see that every member is listed again: `plimsoll get brokers`',
  },
  'wrong-cluster': {
    exitCode: 2,
    hint: 'correct the address, or clusterId if the cluster was rebuilt; docs/how-to/name-the-cluster.md',
  },
  'cluster-id-missing': {
    exitCode: 2,
    hint: '`plimsoll init` writes clusterId; docs/how-to/name-the-cluster.md',
  },
  'change-refused': {
    exitCode: 5,
    hint: 'the plan without --execute names what has to be mended first',
  },
  'approval-missing': {
    exitCode: 5,
    hint: 'write the plan with --write-plan FILE, have somebody else run `plimsoll ops approve FILE`, and give --approval FILE.approval',
  },
  'approval-refused': {
    exitCode: 5,
    hint: 'docs/change-rules.md shows how a plan is approved; a plan that has changed since needs a new approval',
  },
  'change-frozen': {
    exitCode: 5,
    hint: 'wait until the freeze ends, or give --during-freeze "REASON", which is kept in the audit log; --abort is always allowed',
  },
  'offsets-not-moved': {
    exitCode: 6,
    hint: 'the backup that was written before puts the group back: `plimsoll ops offsets restore`',
  },
  'change-under-way': {
    exitCode: 5,
    hint: 'wait until that process has ended, or end it: --resume goes on from where it stands, --abort goes back',
  },
  'lease-expired': {
    exitCode: 5,
    hint: 'if that process has ended, --take-over takes its lease; --confirm ID gives the id of the cluster in scripts',
  },
  'lease-lost': {
    exitCode: 6,
    hint: '`plimsoll ops status` shows who holds the lease; go on with --resume, or back with --abort, once it is free',
  },
  'lease-unreachable': {
    exitCode: 5,
    hint: 'nothing is changed without a lease: see that every name server, or the coordinator of the group, answers',
  },
  'lease-unreadable': {
    exitCode: 5,
    hint: 'use the version of Plimsoll that wrote the lease; docs/change-lease.md shows how to remove it by hand',
  },
  'change-unreadable': {
    exitCode: 4,
    hint: 'the file tells how far a change went: restore it, or look at the cluster before a new one is begun',
  },
  'sizing-unreadable': {
    exitCode: 2,
    hint: 'docs/sizing.md shows the files that are read; a verdict is what `plimsoll analyze --json` prints',
  },
  'render-refused': {
    exitCode: 2,
    hint: 'give --render a folder that is empty or new, or one that was rendered before and not edited',
  },
  'plan-unreadable': {
    exitCode: 2,
    hint: '`plimsoll size domains.yaml --json` writes a plan; docs/schema/cluster-plan.schema.json has every key',
  },
  'report-unreadable': {
    exitCode: 2,
    hint: 'docs/report.md shows what a report is made from, and which command writes each file',
  },
  'history-unreadable': {
    exitCode: 2,
    hint: 'the file is CSV in UTF-8: the header time,value, then one reading a line; docs/forecast.md shows one',
  },
  'waivers-unreadable': {
    exitCode: 2,
    hint: 'docs/preflight.md shows a file of waivers, and examples/waivers.yaml is one',
  },
  'backup-unreadable': {
    exitCode: 2,
    hint: 'give a file that `plimsoll ops offsets backup` or `reset --execute` wrote for this cluster and group',
  },
  'gc-log-unreadable': {
    exitCode: 2,
    hint: 'docs/gc-log.md shows which logs are read, and how a JVM is told to write one',
  },
  'run-complete': { exitCode: 2, hint: 'only a run that was cut off or ended early can be resumed' },
  'run-exists': { exitCode: 2, hint: 'give --out a folder that does not exist yet' },
  'run-unreadable': {
    exitCode: 4,
    hint: 'the bundle is damaged beyond its last line; restore it from where it was copied',
  },
  'run-newer-schema': { exitCode: 4, hint: 'upgrade Plimsoll, or analyse the run with the version that wrote it' },
  'run-edited': { exitCode: 4, hint: 'a bundle is evidence and is not edited; restore it from where it was copied' },
  'run-failed': { exitCode: 4, hint: 'what was recorded until then is in the bundle; `plimsoll analyze` reads it' },
  'broker-unreachable': { exitCode: 5, hint: 'check host, port and whether the listener speaks TLS' },
  'broker-refused': { exitCode: 5, hint: "the text is the broker's own; its log tells more" },
  'broker-busy': {
    exitCode: 5,
    hint: 'the broker turns requests away because its disk or its queues are full of work: send less, or give it more',
  },
  'answer-unreadable': {
    exitCode: 5,
    hint: 'the broker may be newer than docs/brokers.md lists; report the message with the version of the broker',
  },
  'credentials-refused': { exitCode: 5, hint: 'check user, password and mechanism under clusters.<name>.sasl' },
  'unsupported-broker': { exitCode: 5, hint: 'docs/brokers.md lists the versions and features each client speaks' },
  'prerequisite-missing': { exitCode: 5, hint: 'install what is named and run the command again' },
  'no-permission': { exitCode: 5, hint: 'run as a user who may do this, or leave the option away' },
  'port-in-use': { exitCode: 5, hint: 'choose another port with --listen, or :0 for any free one' },
  'no-space': { exitCode: 5, hint: 'free disk space or choose another --out folder; what was recorded is intact' },
  'host-unreachable': { exitCode: 5, hint: 'check address and port under hosts.<name>, and whether sshd runs there' },
  'host-key-unknown': {
    exitCode: 5,
    hint: 'compare the fingerprint with that of the machine, then add its key to the known_hosts file',
  },
  'host-key-changed': {
    exitCode: 5,
    hint: 'somebody may be between you and the machine; if its key was replaced on purpose, replace the line',
  },
  'ssh-login-refused': { exitCode: 5, hint: 'check user and key under hosts.<name>, and authorized_keys over there' },
  'ssh-key-unusable': { exitCode: 2, hint: 'check privateKeyFile, its permissions and passphrase, or agent' },
  'host-hung': {
    exitCode: 5,
    hint: 'the machine answers too late or not at all; one that stays silent is connected to anew',
  },
  'host-unreadable': { exitCode: 5, hint: 'check the roots under hosts.<name> and the permissions of this user' },
  'coordinator-unreachable': {
    exitCode: 5,
    hint: 'loadgen.workers.address must be an address of the coordinator that workers reach, and its port open to them',
  },
  'coordinator-lost': {
    exitCode: 5,
    hint: 'the worker has stopped its load; see on the coordinator how the run went on',
  },
  'worker-refused': {
    exitCode: 5,
    hint: 'a pass is good for one worker and one run; `plimsoll run` makes new ones',
  },
  'worker-absent': {
    exitCode: 5,
    hint: 'see the log of the worker, and whether it reaches loadgen.workers.address',
  },
  'clock-off': {
    exitCode: 5,
    hint: 'set the clock there (chrony, ntpd), or accept it with loadgen.workers.acceptClock: times are corrected all the same',
  },
  'machine-unfit': { exitCode: 5, hint: 'docs/how-to/load-from-several-machines.md lists what a machine needs' },
  'lab-running': { exitCode: 5, hint: '`plimsoll lab status` shows it, `plimsoll lab down` stops it' },
  'lab-failed': { exitCode: 5, hint: "the broker's own log is named in the message" },
  'change-stopped': {
    exitCode: 6,
    hint: 'go on with --resume once the reason is gone, or back with --abort',
  },
  'ledger-full': {
    exitCode: 5,
    hint: 'free disk space where the ledger lies; what was written before is intact, and reading goes on',
  },
  'ledger-unwritable': {
    exitCode: 5,
    hint: "see the machine's own log about that disk, and who may write there; what was written before is intact",
  },
  'ledger-in-use': {
    exitCode: 5,
    hint: 'one process writes a ledger: end the other one, or give this one a --ledger of its own',
  },
  'ledger-damaged': {
    exitCode: 4,
    hint: 'nothing is written over it: `plimsoll history restore BACKUP` puts a backup in its place and keeps the damaged file beside it',
  },
  'ledger-newer-schema': { exitCode: 4, hint: 'upgrade Plimsoll, or give the ledger that this version wrote' },
  'ledger-entry-unreadable': {
    exitCode: 2,
    hint: 'docs/service.md lists which documents a ledger takes, and which command writes each',
  },
  'access-open': {
    exitCode: 2,
    hint: 'give --web.config.file with basic_auth_users or client certificates, or service.trustedProxy, or listen on 127.0.0.1',
  },
  'hooks-without-token': {
    exitCode: 2,
    hint: 'set service.hooks.token and give it to Alertmanager as http_config.authorization (docs/alerts.md), or configure a login',
  },
  'state-unwritable': { exitCode: 5, hint: 'give --state-dir a folder that this user can write to' },
  'role-missing': {
    exitCode: 2,
    hint: 'log in as operator: docs/service.md ("Who may do what") shows how, with and without a configured login',
  },
  'robot-not-told': {
    exitCode: 5,
    hint: 'compare service.hooks.robots with what the chat shows for the robot: address, secret, and the words or addresses it asks for',
  },
  'request-invalid': { exitCode: 2, hint: '/api/v1/openapi.json says what each path takes' },
  'method-not-allowed': { exitCode: 2, hint: 'the Allow header of the answer lists the methods of this path' },
  'not-acceptable': { exitCode: 2, hint: 'the API answers in JSON: send Accept: application/json, or no Accept' },
  'body-too-large': { exitCode: 2, hint: 'docs/api.md says how large a document may be; send it in parts' },
  'body-not-json': { exitCode: 2, hint: 'send Content-Type: application/json, in UTF-8' },
  'body-invalid': { exitCode: 2, hint: '/api/v1/openapi.json has the schema of the document' },
  'cross-site-request': {
    exitCode: 2,
    hint: 'a page of another site may not send this; a proxy in front has to pass the Host header on as it came',
  },
  'service-busy': { exitCode: 5, hint: 'ask again in a few seconds; the Retry-After header says when' },
  'calculation-too-long': { exitCode: 5, hint: 'ask for less at once, or use the command line, which has no limit' },
  unexpected: {
    exitCode: 1,
    hint: 'this is a defect of Plimsoll: run again with PLIMSOLL_DEBUG=1 for the stack, and report it',
  },
  aborted: { exitCode: 130, hint: 'what was recorded until then is kept' },
} as const satisfies Record<string, { exitCode: number; hint: string }>;

export type FaultCode = keyof typeof faults;

/** A fault with words for its user. `message` names the thing and the attempt, `hint` the way out. */
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
