// Defines the operations on a machine that deployment needs: fixed commands and the copy of one file.

export interface RemoteMachine {
  readonly name: string;
  /**
   * @param command fixed text, identical for every run; variable input goes to standard input
   * @param onLog called for each line on standard error
   * @returns its output; the text contains an end mark, because not every shell reports the end otherwise
   */
  run(
    command: string,
    input: string,
    io: { signal: AbortSignal; onLog?: (line: string) => void },
  ): Promise<{ stdout: string; stderr: string }>;
  /** @param path absolute path on the machine @throws AppError host-unreadable, no-space */
  put(file: string, path: string, io: { signal: AbortSignal }): Promise<void>;
}
