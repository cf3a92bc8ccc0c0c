using System.Text;
using NasGitOps.Kinds.Importing;
using NasGitOps.Testing.Laws;

namespace NasGitOps.Kinds.Tests.Importing;

/// <summary>The import of a model host.</summary>
internal static class Imports
{
    /// <summary>A pool and datasets that nobody has marked, as if made by hand.</summary>
    public static Scene ByHand(params (string Name, string Spec)[] datasets)
    {
        var made = Scene.With(datasets);
        var scene = new Scene();
        return scene.Edit(_ => ImportLaw.Unmarked(made.World.Host));
    }

    public static ImportResult Of(Scene scene, bool takeOver = false) => ImportLaw.Import(scene.World, takeOver);

    public static string Text(ImportResult result, string file) => Encoding.UTF8.GetString(Assert.Single(result.Files, f => f.Path == $"hosts/nas/{file}").Content);

    /// <summary>Makes what was imported the wanted commit.</summary>
    public static Scene Commit(Scene scene, ImportResult result)
    {
        scene.Want(new Testing.Model.ModelCommit("c1", result.Set));
        return scene;
    }
}
