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
