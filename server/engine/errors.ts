type Params = Readonly<Record<string, string | number>>;

/** Texts by code; `params` fill the braces. */
const TEXTS = {
  /** No answer in time, or the engine is away. The same act with the same key is safe to send again. */
  'engine-busy': { zh: '系统繁忙，请稍后用同一个键重试', en: 'The engine is busy; send the same again with the same key' },
  'act-too-large': { zh: '动作内容过大，最多 64 KB', en: 'The act is larger than 64 KB' },
  'bad-message': { zh: '消息格式不对', en: 'The message has the wrong shape' },
  'process-start-differs': { zh: '进程 {process} 已按另外的内容启动', en: 'Process {process} was already started with other content' },
  'payload-key-missing': { zh: '缺少密钥 {key}，请从备份恢复密钥文件', en: 'Key {key} is missing; restore the secrets file' },
  'payload-not-encrypted': { zh: '运行记录中有未加密的内容，拒绝读取', en: 'A payload is not encrypted; refused' },
  'payload-damaged': { zh: '运行记录内容无法解密（密钥 {key}）', en: 'A payload cannot be decrypted with key {key}' },
} as const satisfies Record<string, { zh: string; en: string }>;

export type EngineErrorCode = keyof typeof TEXTS;

const fill = (text: string, params: Params): string => text.replace(/\{(\w+)\}/g, (_, name: string) => String(params[name] ?? ''));

/** What can go wrong between us and the engine. `engine-busy` is for 503: trying again helps. */
export class EngineError extends Error {
  override readonly name = 'EngineError';
  readonly zh: string;
  readonly en: string;

  constructor(
    readonly code: EngineErrorCode,
    readonly params: Params,
    options?: ErrorOptions,
  ) {
    super(`${code}: ${fill(TEXTS[code].en, params)}`, options);
    this.zh = fill(TEXTS[code].zh, params);
    this.en = fill(TEXTS[code].en, params);
  }
}
