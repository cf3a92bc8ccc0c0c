using NasGitOps.Core.Manifests;
using NasGitOps.Core.Ownership;
using NasGitOps.Core.Planning;
using NasGitOps.Testing.Laws;
using NasGitOps.Testing.Model;
using Newtonsoft.Json.Linq;

namespace NasGitOps.Kinds.Tests;

/// <summary>A model host that commits are applied to, and that people may edit between.</summary>
internal sealed class Scene
{
    public const string Tank = """{"vdevs":[{"type":"mirror","disks":["/dev/disk/by-id/d0","/dev/disk/by-id/d1"]}]}""";

    private ModelCommit commit = new("", new ManifestSet([]));

    public ModelCommit Wanted => commit;

    public ManifestSet Desired => commit.Manifests;

    public ModelWorld World { get; private set; } = new(HandEdit.EmptyHost, OwnershipRecords.Empty, new Policy(MaxRemovals: 100));

    public IReadOnlyList<string> Steps => [.. World.Taken.Select(t => t.Step.Describe())];

    /// <summary>The mirror pool tank, and these datasets, applied.</summary>
    public static Scene With(params (string Name, string Spec)[] datasets)
    {
        var scene = new Scene();
        scene.Commit("c1", Datasets(datasets)).Apply();
        Assert.Empty(scene.World.Faults);
        return scene;
    }

    public static (string Kind, string Name, string Spec)[] Datasets(params (string Name, string Spec)[] datasets) =>
        [("Pool", "tank", Tank), .. datasets.Select(d => ("Dataset", d.Name, d.Spec))];

    /// <summary>Makes manifests wanted without applying them; all of them must be valid.</summary>
    public Scene Commit(string name, params (string Kind, string Name, string Spec)[] manifests)
    {
        commit = Draft.Commit(name, manifests.Select(m => new Draft(m.Kind, m.Name, JObject.Parse(m.Spec))));
        Assert.Equal(manifests.Length, manifests.Count(m => commit.Manifests.Contains(new ResourceId(m.Kind, m.Name))));
        return this;
    }

    /// <summary>Makes a commit wanted without applying it.</summary>
    public Scene Want(ModelCommit wanted)
    {
        commit = wanted;
        return this;
    }

    public Scene Apply()
    {
        World = LawSuite.Pass(World, commit);
        return this;
    }

    /// <summary>Whatever of the present plan waits for an approval.</summary>
    public Scene Approve()
    {
        World = LawSuite.Approved(World, commit);
        return this;
    }

    public Scene Edit(Func<ModelState, ModelState> edit)
    {
        World = World with { Host = edit(World.Host) };
        return this;
    }

    /// <summary>As somebody would type it.</summary>
    public Scene Type(string tool, params string[] arguments) => Edit(host =>
        ModelHost.Run(host, Core.Steps.Command.Of(tool, arguments), null).State ?? throw new InvalidOperationException("the host refused"));

    public Plan Plan() => new Planner(BuiltInKinds.All).Plan(ModelPass.Input(BuiltInKinds.All, World, commit));

    public Change Change(string kind, string name) => Assert.Single(Plan().Changes, c => c.Id == new ResourceId(kind, name));
}
