// Names a worker by its config entry, otherwise by its host.

export const nameOfWorker = ({ name, host }: { name?: string | undefined; host?: string | undefined }): string =>
  name ?? (host ?? 'worker').toLowerCase().replaceAll(/[^a-z0-9-]+/g, '-');
