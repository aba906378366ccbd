interface ProblemType {
  readonly status: number;
  readonly zh: string;
  readonly en: string;
  /** What the caller can do about it. */
  readonly wayOut: { readonly zh: string; readonly en: string };
}

const entry = (status: number, zh: string, en: string, wayZh: string, wayEn: string): ProblemType => ({
  status,
  zh,
  en,
  wayOut: { zh: wayZh, en: wayEn },
});

/**
 * Every problem the API answers with. Codes and their statuses are a public contract; texts may change. Refusals of the core and mistakes in
 * definition files have codes of their own: they travel under `act-refused` and `definition-refused`.
 */
export const problemTypes = {
  // reading the request
  'not-json': entry(
    400,
    '请求正文不是有效的 JSON',
    'The body is not valid JSON',
    '请检查 JSON 语法，用 UTF-8 编码发送',
    'Check the JSON syntax; send it as UTF-8',
  ),
  'wrong-media-type': entry(
    415,
    '不接受这种正文类型',
    'This media type is not accepted',
    '按接口文档设置 Content-Type',
    'Set Content-Type as the API document says',
  ),
  'body-too-large': entry(
    413,
    '请求正文过大',
    'The body is too large',
    'JSON 不超过 1 MB；大批数据请用文件导入',
    'JSON is at most 1 MB; import large data as files',
  ),
  'body-too-deep': entry(400, '请求正文嵌套过深', 'The body is nested too deeply', '嵌套不超过 32 层', 'Nest at most 32 levels'),
  'text-unstorable': entry(
    400,
    '文字含有无法保存的字符',
    'The text holds characters that cannot be stored',
    '请去掉不可见的控制字符（NUL）或不完整的字符',
    'Remove NUL characters and broken characters',
  ),
  'upload-too-large': entry(
    413,
    '上传的文件过大',
    'The uploaded file is too large',
    '请拆分文件，或改用 CSV',
    'Split the file, or use CSV',
  ),
  'storage-full': entry(
    507,
    '没有存放这个文件的余量',
    'There is no room left for this file',
    '先在办理中使用已上传的文件；久未使用的会自动清理；或请管理员提高上限',
    'Use what was uploaded before; what stays unused is removed after a while; or ask the administrator for more room',
  ),
  'upload-refused': entry(
    400,
    '上传内容不符合要求',
    'The upload is not as expected',
    '按接口文档给出文件字段',
    'Give the file fields the API document names',
  ),
  'invalid-request': entry(
    400,
    '请求内容有误',
    'The request is not as the API document says',
    '按 errors 逐项改正后再试',
    'Correct what errors lists and try again',
  ),
  'route-unknown': entry(404, '没有这个接口', 'There is no such route', '见 /api/v1/openapi.json', 'See /api/v1/openapi.json'),
  'method-not-allowed': entry(405, '此地址不支持该方法', 'The method is not allowed here', '见 Allow 响应头', 'See the Allow header'),
  // who is calling
  'not-signed-in': entry(401, '尚未登录或登录已失效', 'Not signed in, or the session has ended', '请重新登录', 'Sign in again'),
  'sign-in-failed': entry(
    401,
    '用户名或密码不正确',
    'Login or password is wrong',
    '请核对后重试；忘记密码请找管理员重置',
    'Check and retry; an administrator can reset a password',
  ),
  'account-locked': entry(
    429,
    '多次输错密码，账号已暂时锁定',
    'Too many wrong passwords: the account is locked for a while',
    '请稍后再试，或请管理员解锁',
    'Wait, or ask an administrator to unlock it',
  ),
  'too-many-requests': entry(429, '请求过于频繁', 'Too many requests', '请按 Retry-After 等待后再试', 'Wait as Retry-After says'),
  'password-change-required': entry(
    403,
    '首次登录须先修改密码',
    'The first password must be changed first',
    '请先 POST /api/v1/users/me/password',
    'POST /api/v1/users/me/password first',
  ),
  'password-too-weak': entry(
    422,
    '新密码不符合要求',
    'The new password is too weak',
    '至少 10 个字符，且不同于旧密码和用户名',
    'At least 10 characters, other than the old one and the login',
  ),
  'not-permitted': entry(
    403,
    '没有办理此事的权限',
    'You may not do this',
    '请由有相应职责的人办理，或请管理员调整职责',
    'Ask somebody who holds the role, or an administrator',
  ),
  'not-found': entry(404, '没有找到，或不在您的管辖范围内', 'Not found, or outside your units', '请核对编号', 'Check the id'),
  // same request twice, edited meanwhile
  'idempotency-key-missing': entry(
    400,
    '缺少 Idempotency-Key 请求头',
    'The Idempotency-Key header is missing',
    '每次新操作生成一个新的键，重试时用同一个键',
    'Make a new key for each new operation; retry with the same one',
  ),
  'idempotency-key-reused': entry(
    422,
    '同一个 Idempotency-Key 已用于不同的内容',
    'This Idempotency-Key was used with another body',
    '新操作请换一个新键',
    'Use a new key for a new operation',
  ),
  'request-in-progress': entry(
    409,
    '同一请求正在处理',
    'The same request is in progress',
    '请稍后用同一个键重试',
    'Retry with the same key in a moment',
  ),
  'precondition-required': entry(
    428,
    '缺少 If-Match 请求头',
    'The If-Match header is missing',
    '请先读取，再带上它的 ETag 修改',
    'Read it first and send its ETag',
  ),
  'precondition-failed': entry(
    412,
    '内容已被他人修改',
    'It was changed in the meantime',
    '请重新读取后再改',
    'Read it again and redo the change',
  ),
  conflict: entry(
    409,
    '与现有内容冲突',
    'It conflicts with what exists',
    '请重新读取现有内容，按上述原因改正后再试',
    'Read what exists again and mend what is said above',
  ),
  // campaigns
  'definition-refused': entry(
    422,
    '定义文件有误',
    'The definition has mistakes',
    '按 problems 所列位置逐项改正',
    'Correct each place that problems lists',
  ),
  'definition-released': entry(
    409,
    '该版本已发布，内容不可再变',
    'This version is released and cannot change',
    '请改用新的版本号',
    'Use a new version number',
  ),
  'launch-open-questions': entry(
    422,
    '启动前还有未答复的事项',
    'Questions are open before the launch',
    '按 questions 逐项填写后再启动',
    'Answer each of questions, then launch again',
  ),
  'launch-refused': entry(
    422,
    '启动资料有误',
    'The launch cannot be carried out as given',
    '按 errors 逐项改正',
    'Correct what errors lists',
  ),
  'already-launched': entry(
    409,
    '该工作在此单位、年度已启动',
    'It is already launched for this unit and year',
    '请查看已有的工作',
    'See the existing campaign',
  ),
  'campaign-not-running': entry(
    409,
    '该工作不在进行中',
    'The campaign is not running',
    '请先恢复，或查看其状态',
    'Resume it first, or look at its status',
  ),
  'act-refused': entry(
    409,
    '此项操作被规则拒绝',
    'The rules refuse this act',
    '什么也没有改变；请按上述原因改正后再办，或由有权的人办理',
    'Nothing was changed: mend what is said above and do it again, or have it done by who may',
  ),
  'world-is-real': entry(
    409,
    '真实时间不能调整',
    'A real clock cannot be moved',
    '只有演练用的虚拟时间可以推进',
    'Only virtual worlds can be moved',
  ),
  'date-ahead': entry(
    422,
    '生效日期晚于今天',
    'The date lies after today',
    '单位变动当天起生效：请在生效当天或之后办理（演练请先把时间推进到当天，或停止该演练）',
    'A change of units takes effect when it is entered: enter it on that day or later; move a rehearsal’s clock there first, or stop it',
  ),
  'world-backwards': entry(422, '时间只能向前', 'Time goes forward only', '请给出晚于当前的时间', 'Give a later time than the present one'),
  'import-refused': entry(
    422,
    '导入文件被拒绝',
    'The import file is refused',
    '按 errors 改正文件后再导入',
    'Correct the file as errors says',
  ),
  'setup-done': entry(409, '系统已初始化', 'It is already set up', '请用管理员账号登录', 'Sign in as the administrator'),
  // ours
  'engine-busy': entry(
    503,
    '暂时未能得到结果',
    'No answer in time',
    '请用同一个 Idempotency-Key 重试，不会重复办理',
    'Retry with the same Idempotency-Key: it has one effect',
  ),
  'not-ready': entry(503, '服务尚未就绪', 'The service is not ready', '请稍后再试', 'Try again in a moment'),
  'internal-error': entry(
    500,
    '服务内部错误',
    'An internal error',
    '请把 instance 编号告诉管理员',
    'Tell an administrator the instance id',
  ),
} as const satisfies Record<string, ProblemType>;

export type ProblemCode = keyof typeof problemTypes;
