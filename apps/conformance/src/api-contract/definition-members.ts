import { describe, expect, test } from 'vitest';

import type { KubeObject } from '../answer.ts';
import type { ApiTarget } from '../target.ts';
import { definitionsPath, newGroup } from './widgets.ts';

const specSchema = {
  type: 'object',
  properties: {
    // As some parsers of YAML name the members of a schema.
    color: { type: 'string', _default: 'red', _enum: ['red'] },
    tags: { type: 'array', items: { type: 'string', wrong: 1 } },
    sizes: { type: 'object', additionalProperties: { type: 'integer', wrong: 1 } },
    free: { type: 'object', 'x-kubernetes-wrong': true, default: {}, example: { kept: 1 } },
    rule: { type: 'string', 'x-kubernetes-validations': [{ rule: 'true', wrong: 1 }] },
  },
};

const schemaPath = 'spec.versions[0].schema.openAPIV3Schema.properties.spec.properties';
const unknown = [
  `${schemaPath}.color._default`,
  `${schemaPath}.color._enum`,
  `${schemaPath}.free.x-kubernetes-wrong`,
  `${schemaPath}.rule.x-kubernetes-validations[0].wrong`,
  'spec.versions[0].subresources.status.wrong',
  'spec.names.wrong',
];

function faultyDefinition(): KubeObject {
  const group = newGroup();
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: `widgets.${group}` },
    spec: {
      group,
      scope: 'Namespaced',
      versions: [
        {
          name: 'v1',
          served: true,
          storage: true,
          schema: { openAPIV3Schema: { type: 'object', properties: { spec: specSchema } } },
          subresources: { status: { wrong: 1 } },
        },
      ],
      names: { plural: 'widgets', kind: 'Widget', wrong: 1 },
    },
  };
}

/** Members that a custom resource definition does not have. */
export function definitionMembersContract(target: () => ApiTarget): void {
  describe('unknown members of definitions', () => {
    test('are dropped, and told of unless they stand where something else may stand too', async () => {
      const { headers, object } = await target().post(definitionsPath, faultyDefinition());

      expect(headers['warning']).toBe(
        unknown.map((path) => String.raw`299 - "unknown field \"${path}\""`).join(', '),
      );
      expect(object.spec).toMatchObject({
        versions: [
          {
            schema: {
              openAPIV3Schema: {
                properties: {
                  spec: {
                    type: 'object',
                    properties: {
                      color: { type: 'string' },
                      tags: { type: 'array', items: { type: 'string' } },
                      sizes: { type: 'object', additionalProperties: { type: 'integer' } },
                      free: { type: 'object', default: {}, example: { kept: 1 } },
                      rule: { type: 'string', 'x-kubernetes-validations': [{ rule: 'true' }] },
                    },
                  },
                },
              },
            },
            subresources: { status: {} },
          },
        ],
      });
      expect(JSON.stringify(object.spec)).not.toMatch(/wrong|_default|_enum/);
      await target().delete(`${definitionsPath}/${object.metadata.name}`);
    });

    test('are refused when asked for', async () => {
      const { code, body } = await target().post(
        `${definitionsPath}?fieldValidation=Strict`,
        faultyDefinition(),
      );

      expect(code).toBe(400);
      expect(body).toMatchObject({
        message: `CustomResourceDefinition in version "v1" cannot be handled as a CustomResourceDefinition: strict decoding error: ${unknown
          .map((path) => `unknown field "${path}"`)
          .join(', ')}`,
      });
    });

    test('fail an apply', async () => {
      const definition = faultyDefinition();

      const { code, body } = await target().patch(
        `${definitionsPath}/${definition.metadata.name}?fieldManager=test`,
        'apply',
        definition,
      );

      expect(code).toBe(500);
      expect(body).toMatchObject({
        message: expect.stringMatching(
          /^failed to create typed patch object \(\/widgets\.\S+; apiextensions\.k8s\.io\/v1, Kind=CustomResourceDefinition\): errors:\n {2}\./,
        ),
      });
      expect(body).toMatchObject({
        message: expect.stringContaining(
          `.${schemaPath}.free.x-kubernetes-wrong: field not declared in schema`,
        ),
      });
    });
  });
}
