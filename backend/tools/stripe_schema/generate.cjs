// Turns the declarations of npm `stripe` into JSON Schema: node generate.cjs OUT.json
// The output is built where it is needed and never committed.
const fs = require("fs");
const path = require("path");
const ts = require("typescript");

const RESOURCES = path.join(__dirname, "node_modules/stripe/esm/resources");
const { ApiVersion } = require(path.join(__dirname, "node_modules/stripe/cjs/apiVersion.js"));

// Wire name -> [file, exported type].
const OBJECTS = {
  account: ["Accounts", "Account"],
  balance_transaction: ["BalanceTransactions", "BalanceTransaction"],
  charge: ["Charges", "Charge"],
  "checkout.session": ["Checkout/Sessions", "Session"],
  customer: ["Customers", "Customer"],
  dispute: ["Disputes", "Dispute"],
  event: ["Events", "EventBase"],
  item: ["LineItems", "LineItem"],
  payment_intent: ["PaymentIntents", "PaymentIntent"],
  payment_method: ["PaymentMethods", "PaymentMethod"],
  price: ["Prices", "Price"],
  refund: ["Refunds", "Refund"],
  setup_intent: ["SetupIntents", "SetupIntent"],
  webhook_endpoint: ["WebhookEndpoints", "WebhookEndpoint"],
};
const PARAMETERS = {
  "params.checkout.session.create": ["Checkout/Sessions", "Checkout.SessionCreateParams"],
  "params.customer.create": ["Customers", "CustomerCreateParams"],
  "params.payment_intent.confirm": ["PaymentIntents", "PaymentIntentConfirmParams"],
  "params.payment_intent.create": ["PaymentIntents", "PaymentIntentCreateParams"],
  "params.refund.create": ["Refunds", "RefundCreateParams"],
  "params.setup_intent.create": ["SetupIntents", "SetupIntentCreateParams"],
};
const ROOTS = { ...OBJECTS, ...PARAMETERS };

const declarations = (file) => path.join(RESOURCES, `${file}.d.ts`);
const program = ts.createProgram([...new Set(Object.values(ROOTS).map(([file]) => declarations(file)))], {
  strict: true,
  skipLibCheck: true,
  noEmit: true,
  target: ts.ScriptTarget.ES2020,
  module: ts.ModuleKind.NodeNext,
  moduleResolution: ts.ModuleResolutionKind.NodeNext,
  types: [],
});
const checker = program.getTypeChecker();
const definitions = {};
const named = new Map();

// Two types may share a name ("Card"), so later ones get a number.
function nameOf(type) {
  const symbol = type.aliasSymbol || type.symbol;
  const full = symbol ? checker.getFullyQualifiedName(symbol) : "anonymous";
  const base = full.replace(/^".*node_modules\/stripe\/esm\//, "").replace(/"/g, "").replace(/[^\w.]/g, "_");
  let name = base;
  for (let number = 2; name in definitions; number += 1) name = `${base}__${number}`;
  return name;
}

function primitive(type) {
  const F = ts.TypeFlags;
  if (type.flags & (F.Any | F.Unknown)) return {};
  if (type.flags & F.Null) return { type: "null" };
  if (type.flags & (F.StringLiteral | F.NumberLiteral)) return { const: type.value };
  if (type.flags & F.BooleanLiteral) return { const: type.intrinsicName === "true" };
  if (type.flags & F.Boolean) return { type: "boolean" };
  if (type.flags & F.String) return { type: "string" };
  if (type.flags & F.Number) return { type: "number" };
  return undefined;
}

// `Literal | (string & {})` is an open enumeration: any string is valid, the known ones are kept beside it.
function union(type) {
  const parts = type.types.map(convert).filter(Boolean);
  const booleans = parts.filter((part) => typeof part.const === "boolean");
  const open = parts.some((part) => part["x-open"]);
  const constants = parts.filter((part) => "const" in part && (booleans.length !== 2 || typeof part.const !== "boolean")).map((part) => part.const);
  const rest = parts.filter((part) => !("const" in part) && !part["x-open"]);
  if (booleans.length === 2) rest.push({ type: "boolean" });
  if (open) rest.push({ type: "string", ...(constants.length && { "x-known-values": constants }) });
  else if (constants.length) rest.push({ enum: constants });
  return rest.length === 1 ? rest[0] : { anyOf: rest };
}

function object(type) {
  if (named.has(type.id)) return { $ref: `#/$defs/${named.get(type.id)}` };
  const name = nameOf(type);
  named.set(type.id, name);
  const definition = { type: "object", properties: {}, required: [], additionalProperties: /Event\.Data\.(Object|PreviousAttributes)$/.test(name) };
  definitions[name] = definition;
  for (const property of checker.getPropertiesOfType(type)) {
    if (property.name === "lastResponse" || property.flags & ts.SymbolFlags.Method) continue;
    const schema = convert(checker.getTypeOfSymbol(property));
    if (schema === null) continue;
    definition.properties[property.name] = schema;
    if (!(property.flags & ts.SymbolFlags.Optional)) definition.required.push(property.name);
  }
  const index = checker.getIndexInfoOfType(type, ts.IndexKind.String);
  if (index) definition.additionalProperties = convert(index.type) || true;
  return { $ref: `#/$defs/${name}` };
}

// null stands for `undefined`: the property may be absent and has no value of its own.
function convert(type) {
  if (type.flags & ts.TypeFlags.Undefined) return null;
  const simple = primitive(type);
  if (simple) return simple;
  if (type.isIntersection() && type.types.some((part) => part.flags & ts.TypeFlags.String)) return { type: "string", "x-open": true };
  if (type.isUnion()) return union(type);
  if (checker.isArrayType(type)) return { type: "array", items: convert(checker.getTypeArguments(type)[0]) };
  const name = (type.aliasSymbol || type.symbol || { name: "" }).name;
  // Over the wire a Decimal is its digits.
  if (name === "Decimal") return { type: "string" };
  if (name === "Uint8Array" || name === "Buffer") return {};
  return type.flags & ts.TypeFlags.Object || type.isIntersection() ? object(type) : {};
}

function root([file, dotted]) {
  let symbol = checker.getSymbolAtLocation(program.getSourceFile(declarations(file)));
  for (const part of dotted.split(".")) symbol = symbol && checker.getExportsOfModule(symbol).find((found) => found.name === part);
  if (!symbol) throw new Error(`${file} has no ${dotted}`);
  return convert(checker.getDeclaredTypeOfSymbol(symbol)).$ref;
}

const roots = Object.fromEntries(Object.entries(ROOTS).map(([name, where]) => [name, root(where)]));
const schema = { $schema: "https://json-schema.org/draft/2020-12/schema", "x-api-version": ApiVersion, roots, $defs: definitions };
fs.writeFileSync(process.argv[2], JSON.stringify(schema));
