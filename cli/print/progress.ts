import cliProgress from 'cli-progress';

export interface RowBar {
  readonly watch: (rows: number) => void;
  stop(): void;
}

/** Counts rows on standard error while a file is read; nothing where nobody watches. `total` is a guess from the file's size. */
export function rowBar(watched: boolean, total: number): RowBar | null {
  if (!watched) return null;
  const bar = new cliProgress.SingleBar({
    format: '导入 importing [{bar}] {value} 行 rows  {duration_formatted}',
    stream: process.stderr,
    clearOnComplete: true,
    hideCursor: true,
  });
  bar.start(Math.max(1, total), 0);
  return {
    watch: (rows) => {
      if (rows > bar.getTotal()) bar.setTotal(rows);
      bar.update(rows);
    },
    stop: () => bar.stop(),
  };
}

export interface StepBar {
  readonly show: (step: string, done: number, total: number) => void;
  stop(): void;
}

/** Follows work that goes by steps on standard error; nothing where nobody watches. `total` 0: lines are counted, nobody knows of how many. */
export function stepBar(watched: boolean): StepBar | null {
  if (!watched) return null;
  const bar = new cliProgress.SingleBar({
    format: '{step} [{bar}] {value} / {total} 行 lines  {duration_formatted}',
    stream: process.stderr,
    clearOnComplete: true,
    hideCursor: true,
  });
  bar.start(1, 0, { step: '…' });
  return {
    show: (step, done, total) => {
      bar.setTotal(Math.max(1, done, total));
      bar.update(done, { step });
    },
    stop: () => bar.stop(),
  };
}
