/** The page to read the API document: every asset comes from this server, scripts are files so that the content policy holds. */
export const docsPage = `<!doctype html>
<html lang="zh">
  <head>
    <meta charset="utf-8" />
    <title>督办 Duban API</title>
    <link rel="stylesheet" href="docs/assets/swagger-ui.css" />
  </head>
  <body>
    <div id="ui"></div>
    <script src="docs/assets/swagger-ui-bundle.js"></script>
    <script src="docs/start.js"></script>
  </body>
</html>
`;

export const DOCS_START = `SwaggerUIBundle({ url: 'openapi.json', dom_id: '#ui', deepLinking: true, validatorUrl: null });\n`;
