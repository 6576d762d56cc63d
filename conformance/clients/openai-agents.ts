// OpenAI Agents SDK: its runner, its MCP server object, and a model that is a script. The model calls the tool, reads
// what came back, calls again if told to, and answers with the result.
import {
  Agent,
  type AgentInputItem,
  MCPServerStreamableHttp,
  type Model,
  type ModelRequest,
  type ModelResponse,
  Runner,
  type StreamEvent,
  setTracingDisabled,
  Usage,
} from '@openai/agents';
import { type Done, type Job, saysCallAgain } from './client.ts';

const TURNS_MAX = 20;

/** The text of the last tool result in the conversation, wherever this SDK puts it. */
function lastToolOutput(input: string | readonly AgentInputItem[]): string | undefined {
  if (typeof input === 'string') return undefined;
  const last = input.findLast((item) => item.type === 'function_call_result');
  if (last?.type !== 'function_call_result') return undefined;
  const { output } = last;
  if (typeof output === 'string') return output;
  const parts = Array.isArray(output) ? output : [output];
  return parts
    .map((part) => ('text' in part && typeof part.text === 'string' ? part.text : JSON.stringify(part)))
    .join('\n');
}

class ScriptedModel implements Model {
  calls = 0;
  private readonly tool: string;
  private readonly args: string;

  constructor(tool: string, args: Record<string, unknown>) {
    this.tool = tool;
    this.args = JSON.stringify(args);
  }

  async getResponse({ input }: ModelRequest): Promise<ModelResponse> {
    const output = lastToolOutput(input);
    if (output === undefined || saysCallAgain(output)) return this.respond(this.toolCall());
    const content = [{ type: 'output_text' as const, text: output }];
    return this.respond({ type: 'message', role: 'assistant', status: 'completed', content });
  }

  getStreamedResponse(): AsyncIterable<StreamEvent> {
    throw new Error('this run does not stream');
  }

  private toolCall(): ModelResponse['output'][number] {
    this.calls += 1;
    const callId = `call-${this.calls}`;
    return { type: 'function_call', callId, name: this.tool, arguments: this.args, status: 'completed' };
  }

  private respond(item: ModelResponse['output'][number]): ModelResponse {
    return { usage: new Usage(), output: [item] };
  }
}

export async function run({ url, token, tool, args }: Job): Promise<Done> {
  setTracingDisabled(true);
  const requestInit = { headers: { authorization: `Bearer ${token}` } };
  const server = new MCPServerStreamableHttp({ url, name: 'gateway', requestInit });
  const model = new ScriptedModel(tool, args);
  await server.connect();
  try {
    const agent = new Agent({ name: 'scripted', instructions: 'Use the tool.', model, mcpServers: [server] });
    const result = await new Runner().run(agent, 'Go on.', { maxTurns: TURNS_MAX });
    return { content: String(result.finalOutput ?? ''), calls: model.calls };
  } finally {
    await server.close();
  }
}
