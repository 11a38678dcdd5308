// How is a worker called? As its entry says, else as its machine.

export const nameOfWorker = ({ name, host }: { name?: string | undefined; host?: string | undefined }): string =>
  name ?? (host ?? 'worker').toLowerCase().replaceAll(/[^a-z0-9-]+/g, '-');
