// Defines what deployment needs of a machine: fixed commands and the copy of one file.

export interface RemoteMachine {
  readonly name: string;
  /**
   * @param command one of ours, the same text whatever the run; what varies goes in on its standard input
   * @param onLog called for each line it says on standard error, as it comes
   * @returns its output; the end is marked in the text, since not every shell reports it otherwise
   */
  run(
    command: string,
    input: string,
    io: { signal: AbortSignal; onLog?: (line: string) => void },
  ): Promise<{ stdout: string; stderr: string }>;
  /** @param path of the file there, absolute @throws AppError host-unreadable, no-space */
  put(file: string, path: string, io: { signal: AbortSignal }): Promise<void>;
}
