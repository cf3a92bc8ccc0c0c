using NasGitOps.Core.Loading;
using NasGitOps.Core.Manifests;
using NasGitOps.Core.Observation;
using NasGitOps.Core.Planning;
using Newtonsoft.Json.Linq;

namespace NasGitOps.Core.Tests.Loading;

/// <summary>Kinds just rich enough to load: a Dataset (with Pool as another that is mountable), and a Share that refers to it and to users.</summary>
internal static class FakeKinds
{
    public const string DatasetSchema = """
        {
          "title": "Dataset", "description": "Something that holds data.",
          "nameDescription": "The full name, as tank/media.",
          "type": "object",
          "properties": {
            "quota": { "$ref": "#/definitions/sizeOrNone", "description": "The most it may hold." },
            "type": { "type": "string", "enum": ["filesystem", "volume"], "default": "filesystem", "description": "Files or a block device." },
            "sparse": { "type": "boolean", "description": "Whether space is only taken when used." },
            "copies": { "type": "integer", "minimum": 1, "maximum": 3, "description": "How often each block is stored." },
            "mode": { "$ref": "#/definitions/mode" },
            "atime": { "type": "string", "enum": ["on", "off"], "description": "Whether reading is recorded." },
            "comment": { "type": "string", "description": "Free text.", "maxLength": 20 },
            "properties": {
              "type": "object", "description": "Native properties.",
              "additionalProperties": { "type": ["string", "integer"] }
            },
            "scrub": { "$ref": "#/definitions/schedule", "description": "When it is checked." },
            "subpath": { "$ref": "#/definitions/subpath" },
            "key": { "$ref": "#/definitions/secret" },
            "source": {
              "description": "Where the data comes from.",
              "oneOf": [
                { "type": "object", "properties": { "kind": { "type": "string", "enum": ["copy"], "description": "Copied." }, "host": { "type": "string", "description": "From where." } },
                  "required": ["kind", "host"], "additionalProperties": false },
                { "type": "object", "properties": { "kind": { "type": "string", "enum": ["empty"], "description": "Nothing." }, "size": { "$ref": "#/definitions/size" } },
                  "required": ["kind"], "additionalProperties": false }
              ]
            }
          },
          "additionalProperties": false,
          "examples": ["apiVersion: nasgitops.io/v1\nkind: Dataset\nmetadata: {name: tank/media}\nspec: {quota: 1TiB}\n"]
        }
        """;

    public const string ShareSchema = """
        {
          "title": "Share", "description": "Something that is offered to clients.",
          "nameDescription": "The share's name.",
          "namePattern": "^[a-z]+$", "namePatternMessage": "may hold small letters only",
          "type": "object",
          "properties": {
            "dataset": { "type": "string", "description": "What is shared." },
            "path": { "type": "string", "description": "Or a directory." },
            "users": { "type": "array", "items": { "type": "string" }, "uniqueItems": true, "minItems": 1, "description": "Who may use it." },
            "clients": {
              "type": "array", "description": "Who may mount it.", "items": { "$ref": "#/definitions/client" }
            }
          },
          "required": ["clients"],
          "oneOf": [{ "required": ["dataset"] }, { "required": ["path"] }],
          "additionalProperties": false,
          "definitions": {
            "client": {
              "type": "object", "description": "One client.",
              "properties": {
                "host": { "type": "string", "description": "A host or network.", "pattern": "^[^ ()]+$", "patternMessage": "may hold neither blanks nor parentheses" },
                "access": { "type": "string", "enum": ["ro", "rw"], "default": "ro", "description": "Reading, or also writing." }
              },
              "required": ["host"], "additionalProperties": false
            }
          }
        }
        """;

    public static IReadOnlyList<IKind> All { get; } =
    [
        new Fake("Pool", (name, _) => new HolderSpec(name)),
        new Fake("Dataset", (name, _) => new HolderSpec(name)),
        new Fake("User", (_, _) => new PlainSpec()),
        new Fake("Share", (_, spec) => new ShareSpec((string?)spec["dataset"], (spec["users"] as JArray)?.Select(u => (string)u!).ToList() ?? [])),
    ];

    public static KindSchemas Schemas { get; } = new(All.Select(k => k.Name), kind => kind switch
    {
        "Share" => ShareSchema,
        "Dataset" or "Pool" => DatasetSchema,
        _ => """{ "title": "User", "description": "An account.", "type": "object", "properties": {}, "additionalProperties": false }""",
    });

    public static ManifestLoader Loader { get; } = new(All, Schemas);

    internal sealed record HolderSpec(string DatasetName) : ResourceSpec, IMountable
    {
        public string? Mountpoint => null;

        public bool IsFilesystem => true;
    }

    internal sealed record ShareSpec(string? Dataset, IReadOnlyList<string> Users) : ResourceSpec;

    internal sealed record PlainSpec : ResourceSpec;

    private sealed class Fake(string name, Func<string, JObject, ResourceSpec> parse) : IKind
    {
        public string Name => name;

        public int Stage => Stages.Datasets;

        public bool HoldsData => false;

        public ResourceSpec Parse(string name, JObject spec) => (string?)spec["comment"] == "throw" ? throw new InvalidOperationException("boom") : parse(name, spec);

        public IEnumerable<Reference> References(Manifest manifest)
        {
            if (manifest.Spec is not ShareSpec share) yield break;
            if (share.Dataset is { } dataset) yield return new Reference(new ResourceId("Dataset", dataset), "spec.dataset");
            for (var i = 0; i < share.Users.Count; i++) yield return new Reference(new ResourceId("User", share.Users[i]), $"spec.users[{i}]", Required: false);
        }

        public IEnumerable<ManifestProblem> Check(Manifest manifest, ManifestSet manifests)
        {
            if (manifest.Annotations.ContainsKey("check")) yield return manifest.Problem("spec.clients[0].host", "checked", "nothing to do");
        }

        public IEnumerable<Manifest> Implied(ManifestSet manifests)
        {
            if (name != "User" || manifests.All.FirstOrDefault(m => m.Annotations.ContainsKey("implies")) is not { } cause) return [];
            return [cause with { Id = new ResourceId("User", cause.Annotations["implies"]), Spec = new PlainSpec() }];
        }

        public IEnumerable<Probe> Probes(ObservationContext context) => throw new NotSupportedException();

        public Reading<KindFacts> Observe(ObservationContext context, List<UnmanagedThing> unmanaged) => throw new NotSupportedException();

        public Assessment Assess(Manifest manifest, PlanInput input) => throw new NotSupportedException();

        public Work Build(Manifest manifest, ChangeAction action, IReadOnlyList<FieldChange> fields, PlanInput input) => throw new NotSupportedException();

        public IEnumerable<ResourceId> Owned(PlanInput input) => throw new NotSupportedException();

        public Absence Absent(ResourceId id, PlanInput input) => throw new NotSupportedException();
    }
}
